import { type LocalMimConfig, targetChannels } from "../methods/localmim/config.ts";
import { tokenCount } from "../models/config.ts";
import { type Cost, cost, VALUE } from "./cost.ts";

/** How HOG targets are made: one histogram for all scales, or all of it anew for each scale as in the released code. */
export type HogForm = "shared" | "perScale";

/** Bytes per pixel and colour of the shared form: four neighbours, a table of bins, a sum read and written. */
const SHARED_BYTES = 16;

/**
 * Values read and written per pixel and colour by the released form: padding 2, two convolutions 4, stacking 4, magnitude
 * and angle 6, angle to bin 4, bin to index 7, nine empty histograms written, filled (5) and read by the pooling.
 */
const PER_SCALE_VALUES = 50;

/** HOG targets of one image for the live stages; no matrix products. Normalising reads and writes each target twice. */
export function hogCost(config: LocalMimConfig, liveStages: readonly boolean[], form: HogForm): Cost {
  const pixels = 3 * config.imageSize ** 2;
  const scales = config.stageScales.filter((_, stage) => liveStages[stage]);
  if (scales.length === 0) return cost({});
  const gradients = form === "shared" ? SHARED_BYTES : VALUE * PER_SCALE_VALUES * scales.length;
  const cells = scales.reduce((sum, scale) => sum + tokenCount(config) * scale * scale, 0);
  return cost({ bytes: pixels * gradients + 4 * VALUE * cells * targetChannels(config) });
}
