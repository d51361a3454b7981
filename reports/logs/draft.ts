import type { RunArgs } from "../sources/authorsSchema.ts";
import type { LogEpoch, LogRun, LogStart } from "./model.ts";
import { createSeries, type Series } from "./series.ts";

/** A run while its log is being read. */
export interface Draft {
  args: RunArgs | null;
  epochs: LogEpoch[];
  /** The start that each epoch belongs to. */
  origins: LogStart[];
  series: Series;
  iterations: number | null;
  trainingSeconds: number | null;
  nonFinite: LogRun["nonFinite"];
}

/** A run of which nothing is known. */
export function emptyDraft(args: RunArgs | null = null): Draft {
  return {
    args,
    epochs: [],
    origins: [],
    series: createSeries(),
    iterations: null,
    trainingSeconds: null,
    nonFinite: [],
  };
}

/**
 * The run that a start continues: a start whose first epoch follows one that was finished before, or repeats one, was
 * resumed from a checkpoint and keeps the epochs before its own; any other begins anew.
 *
 * @param before the run so far; it is left as it is
 * @param epoch the first epoch of the new start
 * @param args what the new start says of its command; null when it says nothing
 */
export function continued(before: Draft, epoch: number, args: RunArgs | null): Draft {
  const kept = before.epochs.filter((finished) => finished.epoch < epoch).length;
  if (kept === 0 || before.epochs[kept - 1].epoch !== epoch - 1) return emptyDraft(args ?? before.args);
  return {
    ...before,
    args: args ?? before.args,
    epochs: before.epochs.slice(0, kept),
    origins: before.origins.slice(0, kept),
    series: createSeries(before.series.upTo(epoch)),
    trainingSeconds: null,
    nonFinite: before.nonFinite.filter((found) => found.epoch < epoch),
  };
}

/**
 * Which of two runs counts: the later one, unless only the earlier is complete or has an epoch at all. Where it cannot be
 * told whether they are complete, the one with more epochs.
 */
export function better(earlier: Draft | null, later: Draft): Draft {
  if (!earlier || earlier.epochs.length === 0) return later;
  if (isComplete(earlier) === null && isComplete(later) === null) {
    return earlier.epochs.length > later.epochs.length ? earlier : later;
  }
  return rank(earlier) > rank(later) ? earlier : later;
}

function rank(draft: Draft): number {
  return draft.epochs.length === 0 ? 0 : isComplete(draft) ? 2 : 1;
}

/**
 * Whether a run has all the epochs of its recipe; without a recipe, whether its program came to its end. null for JSON
 * lines, which tell neither.
 */
export function isComplete({ args, epochs, trainingSeconds, iterations }: Draft): boolean | null {
  const whole = epochs.every(({ epoch }, k) => epoch === k), planned = args?.epochs;
  if (typeof planned === "number") return whole && epochs.length >= planned;
  return iterations === null && epochs.length > 0 ? null : whole && trainingSeconds !== null;
}
