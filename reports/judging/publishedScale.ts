import { DEVICES } from "../../core/cost/devices.ts";
import { stepSeconds, wholeSeconds } from "../../core/cost/device.ts";
import { frozenPrefix } from "../../core/cost/state.ts";
import { OUR_CHOICES, stepCost } from "../../core/cost/stepCost.ts";
import { LOCALMIM_VIT_B } from "../../core/methods/localmim/config.ts";
import { grouped } from "../format.ts";

/** Training images of ImageNet-1K, epochs of pre-training in print, and images of a step as the device was measured. */
const IMAGES = 1_281_167, EPOCHS = 100, BATCH = 8;

/** Hours that LocalMIM's pre-training in print is predicted to take on two cores, by the cost model. */
function publishedHours(): number {
  const step = stepCost(LOCALMIM_VIT_B, frozenPrefix(LOCALMIM_VIT_B, 0), {
    ...OUR_CHOICES,
    batch: BATCH,
    accumulation: 1,
  });
  return wholeSeconds(stepSeconds(step, DEVICES.cpu)) * EPOCHS * IMAGES / BATCH / 3600;
}

/** What a claim on an absolute value of the published scale needs. */
export function needsPublished(): string {
  return "needs the print's own scale, ViT-B on ImageNet-1K: LocalMIM's pre-training alone is predicted to take " +
    `${grouped(Math.round(publishedHours()))} hours on two cores (deno task cost)`;
}
