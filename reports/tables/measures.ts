import type { RowKey } from "../../records/schema.ts";
import type { Quantity } from "./quantities.ts";

/** How the runs of an experiment fill cells of a published table. */
export interface Measure {
  /** E.g. "thesis.table17". */
  table: string;
  /** The table's row that does not freeze: times and drops are relative to it. */
  baseline: string;
  /** The run's row behind each row of the table; rows left out have no experiment. */
  rows: Record<string, RowKey>;
  /** The quantity behind each published column, in the column's unit. */
  columns: Record<string, Quantity>;
  /** What is shown. */
  shown: ShownColumn[];
}

/** A column of measured values as it is shown. */
export interface ShownColumn {
  key: string;
  label: string;
  /** The label for a terminal. */
  short: string;
  unit: string;
  decimals: number;
  /** The published column it is computed from. */
  of: string;
  /**
   * `value`: as it is. `seconds`: hours in seconds, on a machine of our own, so that no print is comparable. `ratio`:
   * over the baseline's value of the same seed. `drop`: how far it lies below the baseline's of the same seed.
   */
  reading: "value" | "seconds" | "ratio" | "drop";
  /** How far a value at the published scale may lie from the print and still be the same. */
  tolerance: number;
}

/** Percentage points: the band that a well-known benchmark suite accepts between runs. */
const ACCURACY = 0.2;
const LOSS = 0.001;

const accuracy = (column: string, label: string): ShownColumn => ({
  key: column,
  label,
  short: label,
  unit: "%",
  decimals: 2,
  of: column,
  reading: "value",
  tolerance: ACCURACY,
});

const drop: ShownColumn = {
  key: "drop",
  label: "top-1 drop",
  short: "drop",
  unit: "points",
  decimals: 2,
  of: "top1",
  reading: "drop",
  tolerance: ACCURACY,
};

const time = (perEpoch: string, compared: string): ShownColumn[] => [
  {
    key: "seconds",
    label: "s/epoch",
    short: "s/ep",
    unit: "s",
    decimals: 2,
    of: perEpoch,
    reading: "seconds",
    tolerance: 0,
  },
  {
    key: "ratio",
    label: "time ratio",
    short: "ratio",
    unit: "",
    decimals: 3,
    of: compared,
    reading: "ratio",
    tolerance: 0,
  },
];

const loss: ShownColumn = {
  key: "pt_loss",
  label: "pre-training loss",
  short: "loss",
  unit: "",
  decimals: 4,
  of: "pt_loss",
  reading: "value",
  tolerance: LOSS,
};

const top = [accuracy("top1", "top-1"), accuracy("top5", "top-5")];

/** The tables that the runs of Table 17 fill: four of the thesis and one of the paper print the same runs. */
export const measures: readonly Measure[] = [
  {
    table: "thesis.table11",
    baseline: "localmim_100",
    rows: { localmim_100: "localmim", vitfreeze: "vitfreeze", vitfreeze_unscaled: "vitfreeze_unscaled" },
    columns: { hours_per_epoch: "hoursPerEpoch", total_hours: "totalHours", top1: "top1", top5: "top5" },
    shown: [...time("hours_per_epoch", "total_hours"), ...top, drop],
  },
  {
    table: "thesis.table12",
    baseline: "localmim_100",
    rows: { localmim_100: "localmim" },
    columns: { pt_loss: "pretrainLoss", top1: "top1", top5: "top5" },
    shown: [...top, loss],
  },
  {
    table: "thesis.table17",
    baseline: "localmim",
    rows: {
      localmim: "localmim",
      vitfreeze: "vitfreeze",
      vitfreeze_unscaled: "vitfreeze_unscaled",
      vitfreeze_srlr: "vitfreeze_srlr",
    },
    columns: { gpu_hours: "hoursPerEpoch", top1: "top1", top5: "top5" },
    shown: [...time("gpu_hours", "gpu_hours"), ...top, drop],
  },
  {
    table: "thesis.table18",
    baseline: "localmim",
    rows: {
      localmim: "localmim",
      vitfreeze: "vitfreeze",
      vitfreeze_unscaled: "vitfreeze_unscaled",
      vitfreeze_srlr: "vitfreeze_srlr",
    },
    columns: { pt_loss: "pretrainLoss", top1: "top1", top5: "top5" },
    shown: [...top, drop, loss],
  },
  {
    table: "vitfreeze.table1",
    baseline: "localmim",
    rows: { localmim: "localmim", ours: "vitfreeze" },
    columns: { gpu_hours: "hoursPerEpoch", total_gpu_hours: "totalHours", top1: "top1", top5: "top5" },
    shown: [...time("gpu_hours", "total_gpu_hours"), ...top, drop],
  },
];
