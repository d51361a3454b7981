import { cosineSchedule } from "../../core/schedules/cosine.ts";
import type { LogRun } from "./model.ts";
import type { Recipe } from "./recipe.ts";

/** The logged learning rates beside those of the recipe's schedule. */
export interface LrComparison {
  /** The schedule's rate at the end of each finished epoch, in their order. */
  predicted: number[];
  /** Where a logged rate is farthest from the schedule; null when none is logged. */
  largest: { epoch: number; logged: number; predicted: number; deviation: number } | null;
  matches: boolean;
}

/** The last printed digit: rounding takes up to half of it, the count of the iterations far less. */
const PRINTED = 1e-6;

/**
 * Compares every logged learning rate with the global schedule: warm-up, then half a cosine. ViTFreeze logs the rate of
 * what never freezes, LocalMIM and MAE that of everything, fine-tuning the highest of all layers; all follow it. The
 * programs set the rate once in `accumulated` batches.
 */
export function compareLr({ epochs, series, iterations }: LogRun, recipe: Recipe): LrComparison {
  const perEpoch = iterations ?? 1, { lr: baseLr, minLr, warmupEpochs, accumulated } = recipe;
  const schedule = {
    baseLr,
    minLr,
    warmupIterations: warmupEpochs * perEpoch,
    iterations: recipe.epochs * perEpoch,
  };
  const rateAt = (epoch: number, done: number) => {
    const set = epoch * perEpoch + Math.floor((done - 1) / accumulated) * accumulated;
    return cosineSchedule(schedule, Math.min(set, schedule.iterations));
  };
  const lines = series.to.map((to, k) => {
    const epoch = Math.ceil(to - 0.5 / perEpoch) - 1, done = Math.round((to - epoch) * perEpoch);
    return { epoch: to, logged: series.lr[k], predicted: rateAt(epoch, done) };
  }).filter(({ logged }) => !Number.isNaN(logged));
  const largest = lines.map((line) => ({ ...line, deviation: Math.abs(line.logged - line.predicted) }))
    .reduce<LrComparison["largest"]>((most, line) => most && most.deviation >= line.deviation ? most : line, null);
  return {
    predicted: epochs.map(({ epoch }) => rateAt(epoch, perEpoch)),
    largest,
    matches: largest !== null && largest.deviation <= PRINTED,
  };
}
