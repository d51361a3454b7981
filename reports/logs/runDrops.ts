import { BLUR, type Drop, findDrops, type Stretches } from "./drops.ts";
import type { LogRun } from "./model.ts";

/** Where loss and time of a run fell at once. */
export interface RunDrops {
  loss: Drop[];
  /** Seconds inside the steps, per iteration or, without progress lines, per epoch. */
  time: Drop[];
}

/**
 * The least falls that count, as shares. The end of a stage takes a third of the loss and a tenth of the time or more, a
 * frozen block a hundredth of the time.
 */
const LEAST_LOSS = 0.02, LEAST_TIME = 0.05;

/** Finds the drops of a run. */
export function runDrops(run: LogRun): RunDrops {
  return { loss: findDrops(lossStretches(run), LEAST_LOSS), time: findDrops(timeStretches(run), LEAST_TIME) };
}

/** The loss by progress line, or by epoch where the log has none; where it is a finite number. */
export function lossStretches({ epochs, series: { from, to, loss } }: LogRun): Stretches {
  if (to.length > 0) return finite({ from, to, value: loss, blur: BLUR.median });
  return byEpoch(epochs, epochs.map(({ lossMean }) => lossMean));
}

function timeStretches({ epochs, series: { from, to, stepSeconds } }: LogRun): Stretches {
  if (to.length > 0) return finite({ from, to, value: stepSeconds, blur: BLUR.mean });
  return byEpoch(epochs, epochs.map(({ stepSeconds, wallSeconds }) => stepSeconds ?? wallSeconds ?? NaN));
}

function byEpoch(epochs: LogRun["epochs"], value: number[]): Stretches {
  const from = epochs.map(({ epoch }) => epoch);
  return finite({ from, to: from.map((epoch) => epoch + 1), value, blur: BLUR.mean });
}

function finite({ from, to, value, blur }: Stretches): Stretches {
  const pick = (column: number[]) => column.filter((_, k) => Number.isFinite(value[k]));
  return { from: pick(from), to: pick(to), value: pick(value), blur };
}
