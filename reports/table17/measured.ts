import type { Block } from "../judging/blocks.ts";
import { blockObservations, type Observation } from "../judging/observations.ts";
import { type Estimate, estimate } from "../judging/statistics.ts";
import { baseline } from "./sources.ts";

/** One row of Table 17 as measured by the runs of a block. Ratios and drops are paired by seed; the baseline's are 1 and 0. */
export interface MeasuredRow {
  /** Seeds run. */
  n: number;
  /** Seconds inside the steps of pre-training, per epoch. */
  secondsPerEpoch: Estimate;
  /** Time over the baseline's time; null when no seed has both. */
  ratio: Estimate | null;
  /** Percent. */
  top1: Estimate;
  top5: Estimate;
  /** How far top-1 lies below the baseline's, in percentage points; null when no seed has both. */
  drop: Estimate | null;
}

/** A row's measurements in a block; null when the row was not run. */
export function measuredRow(block: Block, row: string): MeasuredRow | null {
  const seen = blockObservations(block).filter((seed) => seed[row]);
  if (seen.length === 0) return null;
  const both = seen.filter((seed) => seed[baseline]);
  const column = (key: string) => estimate(seen.map((seed) => at(seed, row, key)));
  const paired = (key: string, f: (own: number, whole: number) => number): Estimate | null => {
    if (row === baseline) return { n: seen.length, mean: f(1, 1), half: null };
    return both.length === 0 ? null : estimate(both.map((seed) => f(at(seed, row, key), at(seed, baseline, key))));
  };
  return {
    n: seen.length,
    secondsPerEpoch: estimate(seen.map((seed) => at(seed, row, "gpu_hours") * 3600)),
    ratio: paired("gpu_hours", (own, whole) => own / whole),
    top1: column("top1"),
    top5: column("top5"),
    drop: paired("top1", (own, whole) => whole - own),
  };
}

function at(seen: Observation, row: string, column: string): number {
  return seen[row]?.[column] ?? NaN;
}
