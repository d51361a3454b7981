import { fixed, signed } from "../format.ts";
import { average } from "../judging/statistics.ts";
import { byRow, type OwnRun, type OwnScale, withTop1 } from "./ownRuns.ts";

/** What a run costs and gives, or the mean of several. */
export interface Cost {
  /** Hours of pre-training. */
  hours: number;
  /** Percent. */
  top1: number;
}

/** A run that was fine-tuned. */
export type FinishedRun = OwnRun & Cost;

/** Mean cost of the runs of a row; at least one. */
export function meanCost(runs: FinishedRun[]): Cost {
  return { hours: average(runs.map(({ hours }) => hours)), top1: average(runs.map(({ top1 }) => top1)) };
}

/** Each row of a scale beside the baseline, in a sentence; a scale with a finished run. */
export function costSentence(scale: OwnScale): string {
  const [first, ...others] = byRow(withTop1(scale));
  if (first.key !== scale.baseline) {
    return `no run of ${scale.rows.find(({ key }) => key === scale.baseline)?.label} to compare with.`;
  }
  if (others.length === 0) return `only ${first.label} was run.`;
  const parts = besideBaseline(scale).map(({ label, time, points }) =>
    `${label} takes ${fixed(time, 2)} of the time of ${first.label} at ${signed(points, 2)} points`
  );
  return parts.length === 0 ? "no time was measured." : `${parts.join("; ")}.`;
}

/** What freezing as in print costs and gives at a scale, in a title; undefined where it cannot be compared with the baseline. */
export function costTitle(all: OwnScale): string | undefined {
  const scale = { ...all, rows: all.rows.filter(({ like }) => like === undefined) }, beside = besideBaseline(scale);
  if (beside.length === 0) return undefined;
  const time = range(beside.map(({ time }) => fixed(time, 2))),
    points = range(beside.map(({ points }) => signed(points, 1)));
  const alone = byRow(withTop1(scale)).every(({ runs }) => runs.length === 1);
  return `Our runs (${scale.id}${
    alone ? ", one seed" : ""
  }): with freezing pre-training takes ${time} of the time, top-1 ` +
    `changes by ${points} points`;
}

/** Rows beside the baseline, points by pairs of a seed; a row without such a pair is left out. */
function besideBaseline(scale: OwnScale): { label: string; time: number; points: number }[] {
  const [first, ...others] = byRow(withTop1(scale)), base = meanCost(first.runs);
  if (first.key !== scale.baseline || base.hours === 0) return [];
  return others.flatMap(({ label, runs }) => {
    const gains = runs.flatMap(({ seed, environment, top1 }) =>
      first.runs.filter((one) => one.seed === seed && one.environment === environment).map((one) => top1 - one.top1)
    );
    return gains.length === 0 ? [] : [{ label, time: meanCost(runs).hours / base.hours, points: average(gains) }];
  });
}

/** "0.79 to 0.80", or one number where both are written alike. */
function range(numbers: string[]): string {
  const sorted = numbers.toSorted((a, b) => Number(a) - Number(b)),
    [least, most] = [sorted[0], sorted[sorted.length - 1]];
  return least === most ? least : `${least} to ${most}`;
}
