import { countOf } from "../../core/engine/program.ts";
import { methodOf } from "../../core/methods/mod.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { stepSeconds } from "../../records/schema.ts";
import { type Repeat, type TimesRecord, wholeEpochs } from "../../records/times.ts";
import type { PretrainConfig } from "../../training/config.ts";
import type { UnfrozenRow } from "../judging/evidence.ts";
import { type Change, changeBetween, isSteady } from "../judging/machine.ts";
import { type Environment, environmentOf, methodName } from "./environment.ts";
import type { Asked } from "./runs.ts";

/** A measurement of times with its identity. */
export interface LinkedTimes {
  id: string;
  times: TimesRecord;
}

/** A measurement that a scale uses. */
export interface UsedTimes extends LinkedTimes {
  environment: Environment;
}

/**
 * The measurements of some settings, that first which counts where several hold the same: those in which the machine stayed the
 * same before others, then those with more repeats, then the newer ones.
 */
export function timesAt({ profile, set }: Asked, all: readonly UsedTimes[]): UsedTimes[] {
  const own = all.filter(({ times: { asked } }) =>
    canonicalJson([asked.profile, asked.set]) === canonicalJson([profile, set])
  );
  return own.toSorted((a, b) =>
    Number(wasSteady(b.times)) - Number(wasSteady(a.times)) || b.times.repeats.length - a.times.repeats.length ||
    (a.times.end < b.times.end ? 1 : -1)
  );
}

/**
 * The measurement that counts for the pre-trainings of an experiment: that which holds most of them, of several that which was
 * asked for by it. Several are never pooled, for a repeat is only compared with rows of its own.
 *
 * @param all as `timesAt` orders them
 * @param keys of the pre-trainings
 * @param experiment its id
 * @returns undefined where none holds any
 */
export function measurementOf(
  all: readonly UsedTimes[],
  keys: Iterable<string>,
  experiment: string,
): UsedTimes | undefined {
  const wanted = [...new Set(keys)];
  const sized = all.map((used) => ({
    used,
    size: wanted.filter((key) => Object.hasOwn(used.times.phases, key)).length,
    own: Number(used.times.asked.experiment === experiment),
  }));
  const [first] = sized.toSorted((a, b) => b.size - a.size || b.own - a.own);
  return first?.size > 0 ? first.used : undefined;
}

/**
 * The measurements that tell what freezing saves or in which nothing freezes, with where they were made.
 *
 * @returns besides, one line for each of the others
 */
export function usableTimes(all: readonly LinkedTimes[]): { used: UsedTimes[]; warnings: string[] } {
  const isBiased = ({ times: { schemaVersion, phases } }: LinkedTimes) =>
    schemaVersion === 1 && Object.values(phases).some(({ epochs, unfrozen }) => unfrozen < epochs);
  return {
    used: all.filter((one) => !isBiased(one)).map(usedTimes),
    warnings: all.filter(isBiased).map(({ id }) =>
      `Not used: times/${id}.json: it counts the first runs of new steps as measured ones, so freezing seems to save less; ` +
      "measure again (--times)"
    ).sort(),
  };
}

/** A measurement with where it was made. Older ones hashed the code of one method, which is known where they have one alone. */
export function usedTimes(linked: LinkedTimes): UsedTimes {
  const { hashes: { method, methods, ...hashes }, engine, machine, phases } = linked.times;
  const environment = environmentOf({ hashes, engine, machine, phase: { config: {} } });
  const names = [...new Set(Object.values(phases).map(({ config }) => methodName(config)))];
  const known = methods ?? (method !== undefined && names.length === 1 ? { [names[0]]: method } : {});
  return { ...linked, environment: { ...environment, methods: known } };
}

/** Parameters times images that a whole schedule sees, of the row with most: what orders scales. */
export function timedComputation({ phases }: TimesRecord): number {
  return Math.max(
    ...Object.values(phases).map(({ config, epochs, iterations }) => {
      const { method, batch, accumulation } = config as PretrainConfig,
        { method: named, config: model } = methodOf(method);
      return countOf(named.parameters(model)) * batch * accumulation * iterations * epochs;
    }),
  );
}

function wasSteady(times: TimesRecord): boolean {
  return times.repeats.every((repeat) => isSteady(changeIn(times, repeat)));
}

/** By how much the machine changed between the rows of a repeat. */
export function changeIn(times: TimesRecord, repeat: Repeat): Change {
  const rows = Object.fromEntries(Object.keys(times.phases).map((key) => [key, unfrozenOf(times, repeat, key)]));
  return changeBetween(rows, Object.keys(rows));
}

/**
 * What a repeat's steps took before anything froze.
 *
 * @param count of the first so many epochs alone
 */
export function unfrozenOf(times: TimesRecord, repeat: Repeat, key: string, count?: number): UnfrozenRow {
  const { config, unfrozen } = times.phases[key], epochs = wholeEpochs(times, repeat, key);
  const seconds = epochs.slice(0, unfrozen).slice(0, count)
    .map(({ seconds, iterations }) => stepSeconds(seconds) / iterations);
  return { work: stepWork(config), inTurn: true, seconds };
}

/** What decides the work of a pre-training's step before anything freezes: the method with its model, and the images. */
export function stepWork(config: Record<string, unknown>): string {
  const { method, batch, accumulation } = config as PretrainConfig;
  return canonicalJson([method, batch, accumulation]);
}
