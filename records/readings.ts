import type { PhaseKind } from "./phase.ts";
import { type Epoch, type PhaseRecord, stepSeconds } from "./schema.ts";

/** A number that a cell shows. */
export interface Reading {
  /** E.g. "top-1". */
  label: string;
  /** For a terminal; the label's last word unless given. */
  short?: string;
  /** E.g. "%", "h". */
  unit: string;
  /** Digits that are shown behind the point. */
  decimals: number;
  /** How a run is set beside the baseline: its time as a ratio, its accuracy as a drop, or as it is. */
  compared: "ratio" | "drop" | "value";
  /** How far a value at the published scale may lie from the print and still be the same; the unit's usual unless given. */
  tolerance?: number;
  /** The phase of the run that tells it. */
  of: PhaseKind;
  /**
   * The number; nothing where the record does not tell it.
   *
   * @param epochs of the phase that count: those after which the next phase took over, or all
   */
  read(record: Pick<PhaseRecord, "epochs" | "metrics">, epochs: number): number | undefined;
}

/** Hours inside the steps of the first so many epochs (targets, forward and backward pass, exchange, optimiser). */
function hours({ epochs }: Pick<PhaseRecord, "epochs">, count: number): number {
  return epochs.slice(0, count).reduce((sum, { seconds }) => sum + stepSeconds(seconds), 0) / 3600;
}

/** Hours of pre-training. */
export const totalHours: Reading = {
  label: "hours",
  unit: "h",
  decimals: 2,
  compared: "ratio",
  of: "pretrain",
  read: hours,
};

/** Hours of an epoch of pre-training. */
export const hoursPerEpoch: Reading = {
  ...totalHours,
  label: "hours/epoch",
  read: (record, epochs) => hours(record, epochs) / epochs,
};

/**
 * Hours of pre-training with loading and decoding, which several masked views of an image save: as the clock on the wall has
 * them, or of a measurement in turn loading and steps one after the other; nothing of a measurement of steps alone.
 */
export const hoursWithLoading: Reading = {
  ...totalHours,
  label: "hours with loading",
  read: ({ epochs }, count) =>
    epochs.slice(0, count).reduce((sum, { wallSeconds }) => sum + wallSeconds, 0) / 3600 || undefined,
};

/** Mean loss of the last epoch of pre-training, summed over the stages that are left. */
export const pretrainLoss: Reading = {
  label: "pre-training loss",
  unit: "",
  decimals: 4,
  compared: "value",
  of: "pretrain",
  read: ({ epochs }, count) => epochs[count - 1]?.losses.loss ?? undefined,
};

function accuracy(of: PhaseKind, metric: "top1" | "top5", label: string): Reading {
  return { label, unit: "%", decimals: 2, compared: "drop", of, read: ({ metrics }) => metrics[metric] };
}

/** Percent of the test images, after fine-tuning. */
export const top1: Reading = accuracy("finetune", "top1", "top-1");
/** The same of the best five classes. */
export const top5: Reading = accuracy("finetune", "top5", "top-5");
/** The same by a linear classifier on frozen features. */
export const linearTop1: Reading = accuracy("linear", "top1", "linear top-1");
/** The same by the votes of the nearest training images. */
export const knnTop1: Reading = accuracy("knn", "top1", "k-NN top-1");

/** Percentage points: the band that a well-known benchmark suite accepts between runs. */
const SAME_ERROR = 0.2;

function error(label: string, short: string, read: Reading["read"]): Reading {
  return { label, short, unit: "% error", decimals: 2, compared: "value", tolerance: SAME_ERROR, of: "train", read };
}

/** Errors of the images that were held out, in percent, by epoch; nothing where none were. */
function errorsOf({ epochs }: Pick<PhaseRecord, "epochs">): number[] {
  return epochs.flatMap(({ metrics }) => metrics?.top1 === undefined ? [] : [100 - metrics.top1]);
}

const readings = new Map<number, Reading>();

/** The error of held-out images after so many percent of the epochs. */
export function errorAt(percent: number): Reading {
  const known = readings.get(percent) ?? error(`error at ${percent} %`, `${percent} %`, (record) => {
    const errors = errorsOf(record);
    return errors[Math.round(errors.length * percent / 100) - 1];
  });
  readings.set(percent, known);
  return known;
}

/** The lowest error of held-out images over the epochs: FreezeOut's own statistic, optimistic and equally so for all runs. */
export const bestError: Reading = error("best error", "best", (record) => {
  const errors = errorsOf(record);
  return errors.length > 0 ? Math.min(...errors) : undefined;
});

/** After how many percent of the epochs the lowest error was first there: of 100 epochs, the epoch. */
export const bestEpoch: Reading = {
  ...error("best epoch of 100", "epoch", (record) => {
    const errors = errorsOf(record);
    return errors.length > 0 ? 100 * (1 + errors.indexOf(Math.min(...errors))) / errors.length : undefined;
  }),
  unit: "epoch",
  decimals: 0,
  tolerance: 0.5,
};

/** Epochs whose steps' time holds the making of new steps, too: what freezing itself costs a run, most in a short one. */
export function recompiling(epochs: readonly Epoch[]): Epoch[] {
  return epochs.map((epoch) => {
    const { compile = 0, step = 0, ...rest } = epoch.seconds;
    return { ...epoch, seconds: { ...rest, step: step + compile } };
  });
}
