import type { Random } from "../../../core/random/stream.ts";
import { IMAGENET_MEAN } from "../normalize.ts";
import { OPERATIONS } from "./operations.ts";

/** Settings of RandAugment; the defaults are timm's `rand-m9-mstd0.5-inc1`. */
export interface RandAugmentOptions {
  /** Mean strength, 0 … 10. */
  magnitude?: number;
  /** Standard deviation of the strength. */
  magnitudeStd?: number;
  /** How many operations are drawn. */
  layers?: number;
  /** Probability that a drawn operation is applied. */
  prob?: number;
  /** RGB of pixels that come from outside the image. */
  fill?: readonly number[];
}

const MEAN_COLOUR = IMAGENET_MEAN.map((mean) => Math.round(255 * mean));
const NAMES = Object.keys(OPERATIONS);

/**
 * RandAugment (Cubuk et al. 2020) as timm's `rand-m9-mstd0.5-inc1`: two operations drawn with replacement, each applied
 * with probability 0.5 at a strength ~ N(9, 0.5) cut to [0, 10]. The image given is not changed.
 *
 * @param pixels RGB u8, HWC [height, width, 3]
 * @returns RGB u8, HWC [height, width, 3]
 */
export function randAugment(
  random: Random,
  pixels: Uint8Array,
  width: number,
  height: number,
  { magnitude = 9, magnitudeStd = 0.5, layers = 2, prob = 0.5, fill = MEAN_COLOUR }: RandAugmentOptions = {},
): Uint8Array {
  const drawn = Array.from({ length: layers }, () => NAMES[random.integer(NAMES.length)]);
  let current = pixels;
  for (const name of drawn) {
    if (random.uniform() >= prob) continue;
    const strength = magnitude + (magnitudeStd > 0 ? magnitudeStd * random.normal() : 0);
    const level = Math.min(Math.max(strength, 0), 10) / 10;
    current = OPERATIONS[name]({ pixels: current, width, height }, level, random, fill);
  }
  return current;
}
