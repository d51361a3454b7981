import type { Random } from "../random/stream.ts";

/** Which tokens of one image the encoder sees. */
export interface Mask {
  /** Visible tokens in the order in which the encoder gets them, [lenKeep]. */
  idsKeep: Int32Array;
  /** Place of every token in the shuffled order, visible ones first, [tokens]. */
  idsRestore: Int32Array;
  /** 1 = masked, 0 = visible, [tokens]. */
  mask: Float32Array;
}

/** Number of visible tokens, rounded down. */
export function lenKeep(tokens: number, maskRatio: number): number {
  if (!(maskRatio >= 0 && maskRatio < 1)) throw new RangeError(`Cannot mask a share of ${maskRatio}: want [0, 1)`);
  return Math.floor(tokens * (1 - maskRatio));
}

/**
 * The mask that given noise leads to: the tokens with the least noise stay visible (MAE, He et al. 2022, section 3).
 *
 * @param noise one number per token; equal ones keep their order
 * @param maskRatio share of masked tokens, in [0, 1)
 * @throws {RangeError} when the share is outside [0, 1)
 */
export function maskFromNoise(noise: ArrayLike<number>, maskRatio: number): Mask {
  const tokens = noise.length, keep = lenKeep(tokens, maskRatio);
  const idsShuffle = Int32Array.from({ length: tokens }, (_, i) => i).sort((a, b) => noise[a] - noise[b]);
  const idsRestore = new Int32Array(tokens), mask = new Float32Array(tokens);
  idsShuffle.forEach((token, place) => {
    idsRestore[token] = place;
    mask[token] = place < keep ? 0 : 1;
  });
  return { idsKeep: idsShuffle.slice(0, keep), idsRestore, mask };
}

/**
 * A uniformly random mask, each image by itself.
 *
 * @param random the image's own stream, e.g. randomStream(seed, "mask", step, image); one draw per token
 * @param tokens number of tokens, e.g. 196
 * @param maskRatio share of masked tokens, in [0, 1)
 * @throws {RangeError} when the share is outside [0, 1)
 * @example
 * ```ts
 * import { randomMask, randomStream } from "@vitfreeze/vitfreeze/methods";
 * import { deepStrictEqual } from "node:assert";
 *
 * const { idsKeep } = randomMask(randomStream(0, "mask", 0, 0, 0), 16, 0.75);
 * deepStrictEqual(idsKeep.length, 4);
 * ```
 */
export function randomMask(random: Random, tokens: number, maskRatio: number): Mask {
  return maskFromNoise(Float64Array.from({ length: tokens }, () => random.uniform()), maskRatio);
}
