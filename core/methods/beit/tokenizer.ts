import { patchLength, type VitConfig } from "../../models/config.ts";
import { randomStream } from "../../random/stream.ts";

/** Numbers that a patch is projected to (BEST-RQ: 16). */
const WIDTH = 16;
/** Of the projection and the words: all runs and seeds have the same tokenizer. */
const SEED = 0;

/** A list of vectors whose numbers are normal, each stretched to length 1. */
function directions(count: number, width: number, part: number): Float32Array {
  const { normal } = randomStream(SEED, "tokenizer", part), all = Float32Array.from({ length: count * width }, normal);
  for (let k = 0; k < count; k++) {
    const own = all.subarray(k * width, (k + 1) * width), scale = 1 / Math.hypot(...own);
    own.forEach((value, i) => own[i] = value * scale);
  }
  return all;
}

/**
 * A random-projection quantiser (BEST-RQ, Chiu et al. 2022, section 3.1), which nothing ever trains: the pixels of a patch less
 * their mean, projected to 16 numbers by a fixed random matrix; its word is the one of the fixed random directions that is nearest
 * to theirs. It stands in for the published tokenizer (DALL-E's, trained on 250 million images): words tell edges and colours of
 * a patch, not what is seen there, so no accuracy with it speaks for BEiT's print. A patch of one grey has word 0.
 *
 * @returns the word of each patch, [N], from patches by (channel, row, column), [N, 3*p*p]
 */
export function projectionTokenizer(
  config: VitConfig & { vocabulary: number },
): (patches: Float32Array) => Int32Array {
  const length = patchLength(config), { vocabulary } = config;
  const projection = directions(WIDTH, length, 0), words = directions(vocabulary, WIDTH, 1);
  return (patches) =>
    Int32Array.from({ length: patches.length / length }, (_, patch) => {
      const pixels = patches.subarray(patch * length, (patch + 1) * length);
      const mean = pixels.reduce((sum, value) => sum + value, 0) / length;
      const projected = new Float64Array(WIDTH);
      for (let k = 0; k < WIDTH; k++) {
        for (let i = 0; i < length; i++) projected[k] += projection[k * length + i] * (pixels[i] - mean);
      }
      return nearest(projected, words);
    });
}

/** The word whose direction is nearest: lengths are 1, so that of the largest product; the first of equal ones. */
function nearest(projected: Float64Array, words: Float32Array): number {
  let best = 0, most = -Infinity;
  for (let word = 0; word < words.length / WIDTH; word++) {
    let product = 0;
    for (let k = 0; k < WIDTH; k++) product += words[word * WIDTH + k] * projected[k];
    if (product > most) [best, most] = [word, product];
  }
  return best;
}
