import type { VitConfig } from "./config.ts";

/**
 * Cuts the wanted patches out of images.
 *
 * @param images [B, 3, S, S], normalised
 * @param config image and patch size
 * @param tokens per image the tokens wanted, all images the same number
 * @returns [B*V, 3*p*p], each patch ordered (channel, row, column)
 */
export function gatherPatches(
  images: Float32Array,
  config: Pick<VitConfig, "imageSize" | "patchSize">,
  tokens: readonly ArrayLike<number>[],
): Float32Array {
  const { imageSize: S, patchSize: p } = config, grid = S / p, length = 3 * p * p;
  const patches = new Float32Array(tokens.length * tokens[0].length * length);
  let at = 0;
  tokens.forEach((wanted, b) => {
    for (let i = 0; i < wanted.length; i++) {
      const top = Math.floor(wanted[i] / grid) * p, left = (wanted[i] % grid) * p;
      for (let channel = 0; channel < 3; channel++) {
        for (let y = 0; y < p; y++) {
          const from = ((b * 3 + channel) * S + top + y) * S + left;
          patches.set(images.subarray(from, from + p), at);
          at += p;
        }
      }
    }
  });
  return patches;
}

/** Every token of every image. */
export function allTokens(batch: number, tokens: number): Int32Array[] {
  const all = Int32Array.from({ length: tokens }, (_, token) => token);
  return new Array<Int32Array>(batch).fill(all);
}
