import type { Experiment } from "../../experiments/experiment.ts";
import { recordId } from "../../records/identity.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { average } from "../judging/statistics.ts";
import type { Asked } from "../scales/runs.ts";
import { scaleAt } from "../scales/scale.ts";
import { loadPublishedTable } from "../sources/published.ts";
import { filledTable, sourceOf } from "./fills.ts";
import { valuesAt } from "./values.ts";

/** What a run with one seed gives in the tables that it fills, as plain JSON. */
export interface RunReadings {
  /** Name of the run. */
  row: string;
  seed: number;
  label: string;
  /** Values by table and published column, in the column's unit. */
  tables: Record<string, Record<string, number>>;
}

/** The readings of an experiment's runs at some settings; runs without any are left out. */
export async function runReadings(
  experiment: Experiment,
  settings: Asked,
  records: readonly PhaseRecord[],
): Promise<RunReadings[]> {
  const linked = records.map((record) => ({ id: recordId(record), href: "", record }));
  const scale = scaleAt(settings, linked, [experiment]);
  const all = (scale.runs.get(experiment.id) ?? []).map(({ row, seed, label }): RunReadings => ({
    row,
    seed,
    label,
    tables: {},
  }));
  for (const { table: id } of experiment.fills) {
    const filled = filledTable(await loadPublishedTable(id), [experiment])!;
    const cells = Map.groupBy(valuesAt(scale, filled).values, ({ row, column, seed }) => `${row} ${column} ${seed}`);
    for (const values of cells.values()) {
      const [{ row, column, seed }] = values, run = sourceOf(filled, row, column)!.run;
      const own = all.find((one) => one.row === run && one.seed === seed)!;
      (own.tables[id] ??= {})[column] = average(values.map(({ value }) => value));
    }
  }
  return all.filter(({ tables }) => Object.keys(tables).length > 0);
}
