import type { Source } from "../../experiments/experiment.ts";
import { average } from "../judging/statistics.ts";
import { type Environment, isOf } from "../scales/environment.ts";
import type { UsedRecord } from "../scales/linked.ts";
import type { KeyedRun } from "../scales/runs.ts";
import type { Scale } from "../scales/scale.ts";
import type { FilledTable } from "./fills.ts";

/** A number of one seed in a printed cell. */
export interface Value {
  row: string;
  /** The published column. */
  column: string;
  seed: number;
  /** In the column's unit; the mean where the phase was run more than once in its environment. */
  value: number;
  /** Whether it is a time: those of two environments are not comparable. */
  timed: boolean;
  environment: Environment;
  records: UsedRecord[];
}

/** A cell whose record the ledger knows and whose file is gone. */
export interface Gone {
  row: string;
  column: string;
  seed: number;
  /** Id of the record. */
  id: string;
}

/** What a scale has in the cells of a table: values by row, column, seed and environment. */
export function valuesAt(scale: Scale, filled: FilledTable): { values: Value[]; gone: Gone[] } {
  const { table, fill, experiment } = filled, values: Value[] = [], gone: Gone[] = [];
  const runs = Map.groupBy(scale.runs.get(experiment.id) ?? [], ({ row }) => row);
  for (const { key: row } of table.rows) {
    for (const { key: column } of table.columns) {
      const source = fill.cell(row, column);
      if (source === undefined) continue;
      for (const run of runs.get(source.run) ?? []) {
        const place = { row, column, seed: run.seed }, phase = phaseOf(run, source);
        if (phase === undefined) continue;
        values.push(...readings(scale, source, phase).map((read) => ({ ...place, ...read })));
        gone.push(...(scale.missing.get(phase.key) ?? []).map(({ id }) => ({ ...place, id })));
      }
    }
  }
  return { values, gone };
}

/** The phase of a run that tells a reading: the first of its kind among its last phases and what they rest on. */
export function phaseOf({ phases }: KeyedRun, { reading }: Source) {
  return phases.find(({ kind }) => kind === reading.of);
}

/** A reading of a phase, once for each environment in which it was run. */
function readings(scale: Scale, { reading }: Source, { key, epochs }: { key: string; epochs?: number }) {
  const records = scale.records.get(key) ?? [], timed = reading.compared === "ratio";
  const environments: Environment[] = [];
  for (const { environment } of records) {
    if (!environments.some((other) => isSame(other, environment))) environments.push(environment);
  }
  return environments.flatMap((environment) => {
    const own = records.filter((one) => isSame(one.environment, environment));
    const numbers = own.map(({ record }) => reading.read(record, epochs ?? record.epochs.length))
      .filter((number) => number !== undefined && Number.isFinite(number));
    return numbers.length === 0 ? [] : [{ value: average(numbers as number[]), timed, environment, records: own }];
  });
}

function isSame(one: Environment, other: Environment): boolean {
  return isOf(one, other) && isOf(other, one);
}
