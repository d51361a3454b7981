import type { Random } from "../../core/random/stream.ts";
import { cutmix, cutmixBox } from "./cutmix.ts";
import { mixup } from "./mixup.ts";
import { softTargets } from "./softTargets.ts";

/** Settings of mixup and CutMix, named as in timm. An alpha of 0 switches its method off. */
export interface MixOptions {
  /** Both parameters of mixup's beta distribution; 0: no mixup. */
  mixupAlpha: number;
  /** The same of CutMix. */
  cutmixAlpha: number;
  /** Probability that a batch is mixed at all. */
  prob?: number;
  /** Probability of CutMix rather than mixup where both are on. */
  switchProb?: number;
  /** Share of a target that goes to all classes alike. */
  labelSmoothing: number;
}

/** The targets of a mixed batch, and what was drawn for it. */
export interface Mixed {
  /** [B, classes] */
  targets: Float32Array;
  /** Share of the first image of a pair. */
  lam: number;
  /** How the images were mixed. */
  method: "none" | "mixup" | "cutmix";
}

/**
 * Mixes a batch with itself in reverse order, in place, by mixup or CutMix with one lam ~ Beta(alpha, alpha) for the
 * whole batch (timm's mode 'batch', with lam corrected to CutMix's true area).
 *
 * @param images [B, C, H, W], changed in place
 * @param labels [B]
 * @throws {RangeError} when B is odd and images are mixed, because the middle image would be mixed with itself
 */
export function mixBatch(
  random: Random,
  images: Float32Array,
  shape: readonly [number, number, number, number],
  labels: Int32Array,
  classes: number,
  { mixupAlpha, cutmixAlpha, prob = 1, switchProb = 0.5, labelSmoothing }: MixOptions,
): Mixed {
  const mixes = mixupAlpha > 0 || cutmixAlpha > 0;
  if (mixes && shape[0] % 2 !== 0) {
    throw new RangeError(`Cannot mix a batch of ${shape[0]} images: want an even number`);
  }
  let lam = 1, method: Mixed["method"] = "none";
  if (mixes && random.uniform() < prob) {
    method = chooseMethod(random, mixupAlpha, cutmixAlpha, switchProb);
    const alpha = method === "cutmix" ? cutmixAlpha : mixupAlpha;
    lam = random.beta(alpha, alpha);
  }
  if (method === "mixup") mixup(images, shape[0], lam);
  if (method === "cutmix") {
    const drawn = cutmixBox(random, shape[2], shape[3], lam);
    cutmix(images, shape, drawn.box);
    lam = drawn.lam;
  }
  return { targets: softTargets(labels, classes, labelSmoothing, lam), lam, method };
}

function chooseMethod(random: Random, mixupAlpha: number, cutmixAlpha: number, switchProb: number) {
  if (mixupAlpha > 0 && cutmixAlpha > 0) return random.uniform() < switchProb ? "cutmix" : "mixup";
  return cutmixAlpha > 0 ? "cutmix" : "mixup";
}
