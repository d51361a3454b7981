import { totalHours } from "../../records/readings.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { average } from "../judging/statistics.ts";
import { wholeEpochs } from "../../records/times.ts";
import { type Environment, environmentName, isOf } from "../scales/environment.ts";
import type { UsedRecord } from "../scales/linked.ts";
import type { UsedTimes } from "../scales/times.ts";
import { phaseOf, type Value } from "../tables/values.ts";
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
  /** Where the accuracy, or else the pre-training, was computed: only runs of one environment are compared in pairs. */
  environment: string;
}

/** The order and names of a table's rows. */
export interface RowNames {
  key: string;
  label: string;
  /** The printed row beside which a control stands. */
  like?: string;
}

/** Accuracies of a row that pre-trains nothing. */
export interface Level extends RowNames {
  /** One a seed, percent. */
  top1: number[];
}

/** Our runs of one scale in the rows of a table, by row and seed; their times are of one environment. */
export interface OwnScale {
  id: string;
  /** The row that the others are compared with. */
  baseline: string;
  rows: RowNames[];
  runs: OwnRun[];
  /** Rows from scratch, where controls are wanted. */
  levels: Level[];
}

/**
 * The runs of a table that has times and accuracies, at one scale; where times were measured apart, those.
 *
 * @param controls whether rows that the print has not are wanted too
 */
export function ownScale(measured: MeasuredTable, controls = false): OwnScale {
  const { scale, table, fill, columns, experiment, measurement } = measured;
  const time = columns.find(({ as }) => as === "seconds")!.of, all = scale.runs.get(experiment.id) ?? [];
  const rows = measured.rows.filter(({ like }) => controls || like === undefined);
  const runs = rows.flatMap(({ key, like }) => {
    const source = fill.cell(like ?? key, time);
    const named = all.filter(({ row }) => row === (like === undefined ? source?.run : key));
    if (source === undefined) return [];
    return named.flatMap((run): OwnRun[] => {
      const { seed } = run, phase = phaseOf(run, source), found = phase && scale.records.get(phase.key);
      const own = accuracies(measured, key).filter((value) => value.seed === seed);
      const records = recordsOf(measured, found ?? [], seed, own);
      if (records.length === 0) return [];
      const top1 = first(own, [records[0].environment, ...measured.environments.get(seed) ?? []]);
      const apart = measurement && measuredHours(measurement, named.map((run) => phaseOf(run, source)!.key));
      const hours = apart ?? average(records.map(({ record }) => totalHours.read(record, record.epochs.length)!));
      const environment = environmentName((top1 ?? records[0]).environment);
      return [{
        key,
        seed,
        pretrain: records[0].record,
        hours,
        ...(top1 && { top1: top1.value }),
        environment,
      }];
    });
  });
  return {
    id: scale.id,
    baseline: baselineOf(fill, table.rows[0].key) ?? table.rows[0].key,
    rows: rows.map(({ key, label, like }) => ({ key, label, ...(like !== undefined && { like }) })),
    runs,
    levels: rows.filter(({ key }) => !runs.some((run) => run.key === key)).flatMap((row): Level[] => {
      const top1 = accuracies(measured, row.key).map(({ value }) => value);
      return row.like === undefined || top1.length === 0 ? [] : [{ ...row, top1 }];
    }),
  };
}

/** The accuracies of a row. */
function accuracies({ values, columns }: MeasuredTable, key: string) {
  const accuracy = columns.find(({ as }) => as === "drop")!.of;
  return values.filter(({ row, column }) => row === key && column === accuracy);
}

/**
 * Records of one environment: of that whose times are shown, where they are the runs' own; else of the one that counts for the
 * seed, if possible with an accuracy.
 */
function recordsOf(
  { times, measurement, environments }: MeasuredTable,
  all: readonly UsedRecord[],
  seed: number,
  accuracies: readonly Value[],
): UsedRecord[] {
  const wanted = measurement ? environments.get(seed) ?? [] : times ? [times] : [];
  const there = wanted.filter((one) => all.some(({ environment }) => isOf(environment, one)));
  const chosen = there.find((one) => first(accuracies, [one]) !== undefined) ?? there[0];
  return chosen === undefined ? [] : all.filter(({ environment }) => isOf(environment, chosen));
}

/** The first environment's value. */
function first(values: readonly Value[], environments: readonly Environment[]): Value | undefined {
  return environments.flatMap((one) => values.filter(({ environment }) => isOf(environment, one)))[0];
}

/** Hours of a pre-training as they were measured, on average over the repeats; nothing where it was not. */
function measuredHours({ times }: UsedTimes, keys: readonly string[]): number | undefined {
  const key = keys.find((key) => Object.hasOwn(times.phases, key));
  if (key === undefined) return undefined;
  return average(times.repeats.map((repeat) => {
    const epochs = wholeEpochs(times, repeat, key);
    return totalHours.read({ epochs, metrics: {} }, epochs.length)!;
  }));
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
