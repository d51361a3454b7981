import type { Channel } from "./draw/orientation.ts";
import type { StageView } from "./view.ts";

/** Mean squared error of one stage; null where no cell counts. */
export interface StageError {
  /** Over masked cells, each by its masked share: for all channels it is the image's term of the training loss. */
  masked: number | null;
  /** Over visible cells, each by its visible share; training never looks at it. */
  visible: number | null;
}

/**
 * Mean squared error between target and prediction, mean over bins and channels, then over cells.
 *
 * @param channel "mean": over all three channels; a number: of this one alone
 * @returns nothing when there is no prediction
 */
export function stageError({ target, prediction, weight }: StageView, channel: Channel): StageError | undefined {
  if (!prediction) return undefined;
  const width = target.length / weight.length, bins = width / 3;
  const [from, to] = channel === "mean" ? [0, width] : [channel * bins, (channel + 1) * bins];
  let masked = 0, visible = 0, maskedShare = 0;
  for (let cell = 0; cell < weight.length; cell++) {
    let squares = 0;
    for (let i = cell * width + from; i < cell * width + to; i++) squares += (prediction[i] - target[i]) ** 2;
    masked += weight[cell] * squares / (to - from);
    visible += (1 - weight[cell]) * squares / (to - from);
    maskedShare += weight[cell];
  }
  const visibleShare = weight.length - maskedShare;
  return {
    masked: maskedShare > 0 ? masked / maskedShare : null,
    visible: visibleShare > 0 ? visible / visibleShare : null,
  };
}
