import { seedsWanted } from "../judging/headlines.ts";
import type { ScaleReport, TableReport } from "../model.ts";

/** Paired seeds that an answer about accuracies needs, as the verdict on "with SR-LR the drop is 0.1" does. */
export const SEEDS = seedsWanted("t17.2", true);

/** Repeats of a measurement that an answer about times needs. */
export const REPEATS = seedsWanted("t17.2", false);

/**
 * The scale whose rows are shown first: the largest at which every printed row has an accuracy by as many seeds as answers
 * want, else by fewer, else at which some row has one, else the largest; undefined where nothing was run.
 */
export function shownScale({ rows, scales }: TableReport): ScaleReport | undefined {
  const seeds = (scale: ScaleReport, key: string) => scale.rows.find((row) => row.key === key)?.cells.top1?.n ?? 0;
  const fewest = (scale: ScaleReport) => Math.min(...rows.map(({ key }) => seeds(scale, key)));
  return scales.find((scale) => fewest(scale) >= SEEDS) ?? scales.find((scale) => fewest(scale) > 0) ??
    scales.find((scale) => scale.rows.some(({ cells }) => cells.top1 !== undefined)) ?? scales[0];
}
