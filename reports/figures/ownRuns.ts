import { totalHours } from "../../records/readings.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { average } from "../judging/statistics.ts";
import { isOf } from "../scales/environment.ts";
import { baselineOf } from "../tables/fills.ts";
import type { MeasuredTable } from "../tables/measured.ts";

/** One of our runs: its pre-training, and what it costs and gives. */
export interface OwnRun {
  /** The table's row. */
  key: string;
  seed: number;
  pretrain: PhaseRecord;
  /** Hours of pre-training: those inside its steps. */
  hours: number;
  /** Percent; undefined where nothing was fine-tuned. */
  top1?: number;
}

/** The order and names of a table's rows. */
export interface RowNames {
  key: string;
  label: string;
}

/** Our runs of one scale in the rows of a table, by row and seed; their times are of one environment. */
export interface OwnScale {
  id: string;
  /** The row that the others are compared with. */
  baseline: string;
  rows: RowNames[];
  runs: OwnRun[];
}

/** The runs of a table that has times and accuracies, at one scale. */
export function ownScale({ scale, table, fill, columns, values, times, environments }: MeasuredTable): OwnScale {
  const time = columns.find(({ as }) => as === "seconds")!.of, accuracy = columns.find(({ as }) => as === "drop")!.of;
  const runs = table.rows.flatMap(({ key }) => {
    const timed = values.filter(({ row, column, environment }) =>
      row === key && column === time && times !== undefined && isOf(environment, times)
    );
    return timed.map(({ seed, records }): OwnRun => {
      const own = values.filter((value) => value.row === key && value.column === accuracy && value.seed === seed);
      const preferred = [times!, ...environments.get(seed) ?? []];
      const top1 = preferred.flatMap((one) => own.filter(({ environment }) => isOf(environment, one)))[0]?.value;
      const hours = average(records.map(({ record }) => totalHours.read(record, record.epochs.length)!));
      return { key, seed, pretrain: records[0].record, hours, ...(top1 !== undefined && { top1 }) };
    });
  });
  return {
    id: scale.id,
    baseline: baselineOf(fill, table.rows[0].key) ?? table.rows[0].key,
    rows: table.rows.map(({ key, label }) => ({ key, label })),
    runs,
  };
}

/** The scale without the runs that were not fine-tuned. */
export function withTop1(scale: OwnScale): Omit<OwnScale, "runs"> & { runs: (OwnRun & { top1: number })[] } {
  return { ...scale, runs: scale.runs.flatMap((run) => run.top1 === undefined ? [] : [{ ...run, top1: run.top1 }]) };
}

/** The runs of a scale row by row, with the row's name. */
export function byRow<Run extends OwnRun>({ rows, runs }: { rows: RowNames[]; runs: Run[] }) {
  return rows.flatMap(({ key, label }) => {
    const own = runs.filter((run) => run.key === key);
    return own.length === 0 ? [] : [{ key, label, runs: own }];
  });
}
