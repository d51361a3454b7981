import type { Measure } from "../../core/methods/view.ts";
import type { Channel } from "./draw/orientation.ts";
import type { StageView } from "./view.ts";

/** The error of one stage; null where no cell counts. */
export interface StageError {
  /** Over masked cells, each by its masked share: the error for all channels is the image's term of the training loss. */
  masked: number | null;
  /** Over visible cells, each by its visible share; training never looks at it. */
  visible: number | null;
}

/** What counts for a difference of two numbers. */
const FAR: Readonly<Record<Measure, (difference: number) => number>> = {
  squared: (difference) => difference ** 2,
  absolute: Math.abs,
  wrong: (difference) => Number(difference !== 0),
};

/**
 * How far prediction and target are apart, mean over bins and channels, then over cells.
 *
 * @param channel "mean": over all three channels; a number: of this one alone
 * @returns nothing when there is no prediction
 */
export function stageError(
  { target, prediction, weight, measure }: StageView,
  channel: Channel,
): StageError | undefined {
  if (!prediction) return undefined;
  const width = target.length / weight.length, bins = width / 3;
  const [from, to] = channel === "mean" ? [0, width] : [channel * bins, (channel + 1) * bins];
  const far = FAR[measure];
  let masked = 0, visible = 0, maskedShare = 0;
  for (let cell = 0; cell < weight.length; cell++) {
    let sum = 0;
    for (let i = cell * width + from; i < cell * width + to; i++) sum += far(prediction[i] - target[i]);
    masked += weight[cell] * sum / (to - from);
    visible += (1 - weight[cell]) * sum / (to - from);
    maskedShare += weight[cell];
  }
  const visibleShare = weight.length - maskedShare;
  return {
    masked: maskedShare > 0 ? masked / maskedShare : null,
    visible: visibleShare > 0 ? visible / visibleShare : null,
  };
}
