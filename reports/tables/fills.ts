import type { Experiment, Fill } from "../../experiments/experiment.ts";
import { EXPERIMENTS } from "../../experiments/mod.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";

/** A published table that an experiment fills. */
export interface FilledTable {
  table: PublishedTable;
  experiment: Experiment;
  fill: Fill;
}

/** How an experiment fills a table; undefined where none does. */
export function filledTable(
  table: PublishedTable,
  experiments: readonly Experiment[] = EXPERIMENTS,
): FilledTable | undefined {
  for (const experiment of experiments) {
    const fill = experiment.fills.find((fill) => fill.table === table.id);
    if (fill) return { table, experiment, fill };
  }
}

/** The row that a row's times and drops are relative to; undefined where there is none. */
export function baselineOf({ baseline }: Fill, row: string): string | undefined {
  return typeof baseline === "function" ? baseline(row) : baseline;
}
