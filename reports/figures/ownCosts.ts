import { secondsPerEpoch } from "../judging/observations.ts";
import { average } from "../judging/statistics.ts";
import { fixed, signed } from "../format.ts";
import type { RunResult } from "../../records/schema.ts";
import { byRow, type OwnScale, type RowNames } from "./ownRuns.ts";

/** What one of our runs costs and gives, or the mean of several. */
export interface Cost {
  /** Hours of pre-training: seconds per epoch times epochs. */
  hours: number;
  /** Percent. */
  top1: number;
}

/** The row that does not freeze. */
const BASELINE = "localmim";

/** Cost of one run. */
export function costOf(run: RunResult): Cost {
  return { hours: secondsPerEpoch(run) * run.pretrain.epochs.length / 3600, top1: run.evaluation.top1 };
}

/** Mean cost of the runs of a row; at least one. */
export function meanCost(runs: RunResult[]): Cost {
  const costs = runs.map(costOf);
  return { hours: average(costs.map(({ hours }) => hours)), top1: average(costs.map(({ top1 }) => top1)) };
}

/** Each row of a scale beside the baseline, in a sentence. */
export function costSentence(scale: OwnScale, rows: RowNames[]): string {
  const [first, ...others] = byRow(scale, rows);
  if (first.key !== BASELINE) return `no run of ${rows[0].label} to compare with.`;
  if (others.length === 0) return `only ${first.label} was run.`;
  const parts = besideBaseline(scale, rows).map(({ label, time, points }) =>
    `${label} takes ${fixed(time, 2)} of the time of ${first.label} at ${signed(points, 2)} points`
  );
  return parts.length === 0 ? "no time was measured." : `${parts.join("; ")}.`;
}

/** What freezing costs and gives at a scale, in a title; undefined where it cannot be compared with the baseline. */
export function costTitle(scale: OwnScale, rows: RowNames[]): string | undefined {
  const beside = besideBaseline(scale, rows);
  if (beside.length === 0) return undefined;
  const time = range(beside.map(({ time }) => fixed(time, 2))),
    points = range(beside.map(({ points }) => signed(points, 1)));
  return `Our runs (${scale.id}): with freezing pre-training takes ${time} of the time, top-1 changes by ${points} points`;
}

function besideBaseline(scale: OwnScale, rows: RowNames[]): { label: string; time: number; points: number }[] {
  const [first, ...others] = byRow(scale, rows), base = meanCost(first.runs);
  if (first.key !== BASELINE || base.hours === 0) return [];
  return others.map(({ label, runs }) => {
    const own = meanCost(runs);
    return { label, time: own.hours / base.hours, points: own.top1 - base.top1 };
  });
}

/** "0.79 to 0.80", or one number where both are written alike. */
function range(numbers: string[]): string {
  const sorted = numbers.toSorted((a, b) => Number(a) - Number(b)),
    [least, most] = [sorted[0], sorted[sorted.length - 1]];
  return least === most ? least : `${least} to ${most}`;
}
