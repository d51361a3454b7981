import type { LostRecord } from "../../records/folder.ts";
import { type Epoch, type PhaseRecord, stepSeconds } from "../../records/schema.ts";
import type { Source } from "../../experiments/experiment.ts";
import { type Reading, recompiling } from "../../records/readings.ts";
import { wholeEpochs } from "../../records/times.ts";
import type { PretrainConfig } from "../../training/config.ts";
import type { UnfrozenRow } from "../judging/evidence.ts";
import { average } from "../judging/statistics.ts";
import { type Environment, isOf } from "../scales/environment.ts";
import type { UsedRecord } from "../scales/linked.ts";
import type { KeyedRun } from "../scales/runs.ts";
import type { Scale } from "../scales/scale.ts";
import { measurementOf, stepWork, unfrozenOf, type UsedTimes } from "../scales/times.ts";
import { columnsOf, type FilledTable, sourceOf } from "./fills.ts";

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
  /** Of a time: the backward pass where layers freeze; undefined where none does. */
  backward?: "cut" | "live";
  /** Of a time: what steps took before anything froze. */
  unfrozen?: UnfrozenRow;
  /** Of a time: epochs of pre-training that it is of. */
  epochs?: number;
  /** Of a time: the same with the making of new steps when layers freeze. */
  recompiled?: number;
  environment: Environment;
  records: UsedRecord[];
}

/** A cell whose record the ledger knows and nothing can read. */
export interface Lost extends Pick<LostRecord, "id" | "kind" | "lost"> {
  row: string;
  column: string;
  seed: number;
}

/** A row of a table at a scale: a printed one, or a control that stands beside one. */
export interface Row {
  key: string;
  label: string;
  /** The printed row beside which a control stands. */
  like?: string;
  /** The run beside which it stands: it fills the columns that this one fills. */
  likeRun?: string;
}

/** The rows of a table at a scale: the printed ones, then the controls that stand beside them. */
export function rowsAt(scale: Scale, { table, fill, experiment }: FilledTable): Row[] {
  const controls = new Map<string, Row>();
  for (const { row, label, like } of scale.runs.get(experiment.id) ?? []) {
    const printed = like &&
      table.rows.find(({ key }) => table.columns.some((column) => fill.cell(key, column.key)?.run === like));
    if (printed) controls.set(row, { key: row, label, like: printed.key, likeRun: like });
  }
  return [...table.rows.map(({ key, label }) => ({ key, label })), ...controls.values()];
}

/** What a scale has in the cells of a table. */
export interface TableValues {
  /** By row, column, seed and environment. */
  values: Value[];
  lost: Lost[];
  /** The measurement that the times are of; undefined where they are the runs' own, or there are none. */
  measurement?: UsedTimes;
}

/** What a scale has in the cells of a table. */
export function valuesAt(scale: Scale, filled: FilledTable): TableValues {
  const { experiment } = filled, values: Value[] = [], lost: Lost[] = [];
  const own = scale.runs.get(experiment.id) ?? [], runs = Map.groupBy(own, ({ row }) => row);
  const measurement = measurementOf(
    scale.times,
    own.flatMap(({ phases }) => phases.map(({ key }) => key)),
    experiment.id,
  );
  for (const { key: row, like, likeRun } of rowsAt(scale, filled)) {
    for (const { key: column } of columnsOf(filled)) {
      const source = sourceOf(filled, like ?? row, column);
      if (source === undefined || (likeRun !== undefined && source.run !== likeRun)) continue;
      for (const run of runs.get(like === undefined ? source.run : row) ?? []) {
        const place = { row, column, seed: run.seed }, phase = phaseOf(run, source);
        if (phase === undefined) continue;
        if (measurement && source.reading.compared === "ratio") {
          if (run.seed === 0) {
            values.push(...timesOf(measurement, source, phase).map((read) => ({ ...place, ...read })));
          }
          continue;
        }
        values.push(...readings(scale, source, phase).map((read) => ({ ...place, ...read })));
        lost.push(...(scale.lost.get(phase.key) ?? []).map(({ id, kind, lost }) => ({ ...place, id, kind, lost })));
      }
    }
  }
  return { values, lost, ...(values.some(({ timed }) => timed) && { measurement }) };
}

/** The phase of a run that tells a reading: the first of its kind among its last phases and what they rest on. */
export function phaseOf({ phases }: KeyedRun, { reading }: Source) {
  return phases.find(({ kind }) => kind === reading.of);
}

/** A time of a phase as a measurement has it: repeats stand for seeds. */
function timesOf(
  { times, environment }: UsedTimes,
  { reading }: Source,
  { key, epochs: count }: { key: string; epochs?: number },
): Omit<Value, "row" | "column">[] {
  if (!Object.hasOwn(times.phases, key)) return [];
  const backward = backwardOf(times.phases[key].config);
  return times.repeats.flatMap((repeat, seed) => {
    const epochs = wholeEpochs(times, repeat, key), read = { epochs, metrics: {} };
    const value = reading.read(read, count ?? epochs.length), unfrozen = unfrozenOf(times, repeat, key, count);
    if (value === undefined) return [];
    const recompiled = recompiledOf(reading, read, count);
    const whole = { epochs: count ?? epochs.length, records: [] };
    return [{ seed, value, recompiled, timed: true, ...backward, unfrozen, environment, ...whole }];
  });
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
    if (numbers.length === 0) return [];
    const value = { value: average(numbers as number[]), timed, environment, records: own };
    return [timed ? { ...value, ...timing(own.map(({ record }) => record), reading, epochs) } : value];
  });
}

/** What is to be known of a time: how layers froze, what the machine took where none had, and what making new steps took. */
function timing(records: readonly PhaseRecord[], reading: Reading, count?: number) {
  const each = records.map(({ epochs }) => unfrozenSeconds(epochs.slice(0, count)));
  const common = Math.min(...each.map(({ length }) => length));
  const seconds = Array.from({ length: common }, (_, k) => average(each.map((seconds) => seconds[k])));
  const recompiled = average(records.map((record) => recompiledOf(reading, record, count) ?? NaN));
  const { phase: { config }, epochs } = records[0];
  return {
    epochs: count ?? epochs.length,
    ...backwardOf(config),
    unfrozen: { work: stepWork(config), inTurn: false, seconds },
    recompiled,
  };
}

/** How the backward pass of a pre-training goes; nothing where no layer freezes. */
function backwardOf(config: Record<string, unknown>): Pick<Value, "backward"> {
  const { freeze } = config as Pick<PretrainConfig, "freeze">;
  return freeze ? { backward: freeze.backward } : {};
}

/** A time with the making of new steps. */
function recompiledOf(reading: Reading, { epochs, metrics }: Pick<PhaseRecord, "epochs" | "metrics">, count?: number) {
  return reading.read({ epochs: recompiling(epochs), metrics }, count ?? epochs.length);
}

/** Seconds a step of the first epochs, up to the one in which something freezes. */
function unfrozenSeconds(epochs: readonly Epoch[]): number[] {
  const first = epochs.findIndex(({ live }) => live?.layers.includes(false)), whole = first < 0 ? epochs.length : first;
  return epochs.slice(0, whole).map(({ seconds, iterations }) => stepSeconds(seconds) / iterations);
}

function isSame(one: Environment, other: Environment): boolean {
  return isOf(one, other) && isOf(other, one);
}
