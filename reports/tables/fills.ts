import type { Experiment, Fill, Source } from "../../experiments/experiment.ts";
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

/** The columns that runs may fill: the printed ones, then what stands beside them. */
export function columnsOf({ table, fill }: FilledTable): { key: string; label: string }[] {
  const beside = Object.entries(fill.beside ?? {}).map(([key, { label }]) => ({ key, label }));
  return [...table.columns.map(({ key, label }) => ({ key, label })), ...beside];
}

/** What fills a cell of a printed row; what stands beside the print is read from the run of the row's first filled cell. */
export function sourceOf({ table, fill }: FilledTable, row: string, column: string): Source | undefined {
  const reading = fill.beside?.[column];
  if (reading === undefined) return fill.cell(row, column);
  const first = table.columns.map(({ key }) => fill.cell(row, key)).find((source) => source !== undefined);
  return first && { run: first.run, reading };
}

/** The row that a row's times and drops are relative to; undefined where there is none. */
export function baselineOf({ baseline }: Fill, row: string): string | undefined {
  return typeof baseline === "function" ? baseline(row) : baseline;
}
