import { type Environment, environmentsOf, isOf } from "../scales/environment.ts";
import type { Value } from "./values.ts";

/*
 * Values of one scale may come from several environments. What is compared in pairs, two rows of one seed, is of one
 * environment. Accuracies and losses are pooled: each seed counts once in a row. Of several environments that have it that counts
 * which has rows to compare of most seeds, so that tables that share rows agree. Times are of one environment only.
 */

/** The environments of some values, those of the given sizes first: the larger, then the newer. */
function ordered(values: readonly Value[], size: (environment: Environment) => number[]): Environment[] {
  const all = environmentsOf(values.map(({ environment }) => environment)).map((environment) => ({
    environment,
    sizes: [...size(environment), newest(values, environment)],
    name: JSON.stringify(environment),
  }));
  all.sort((a, b) => {
    const k = a.sizes.findIndex((size, k) => size !== b.sizes[k]);
    return k < 0 ? (a.name < b.name ? -1 : 1) : b.sizes[k] - a.sizes[k];
  });
  return all.map(({ environment }) => environment);
}

function newest(values: readonly Value[], environment: Environment): number {
  const own = values.filter((value) => isOf(value.environment, environment));
  return Math.max(...own.flatMap(({ records }) => records.map(({ record }) => Date.parse(record.end))));
}

/**
 * The environment whose times are shown: that with the most complete pairs, then the most times, then the newest;
 * undefined where there is no time.
 *
 * @param baseline the row that a row is compared with
 */
export function timesFrom(
  values: readonly Value[],
  baseline: (row: string) => string | undefined,
): Environment | undefined {
  const times = values.filter(({ timed }) => timed);
  return ordered(times, (environment) => {
    const own = times.filter((time) => isOf(time.environment, environment));
    const there = new Set(own.map(({ row, column, seed }) => `${row} ${column} ${seed}`));
    const pairs = own.filter(({ row, column, seed }) => {
      const base = baseline(row);
      return base !== undefined && base !== row && there.has(`${base} ${column} ${seed}`);
    });
    return [pairs.length, own.length];
  })[0];
}

/**
 * For each seed the environments that have it: those first that have two rows of most seeds, then most rows of this one, then most
 * values, then the newest.
 */
export function environmentsBySeed(values: readonly Value[]): Map<number, Environment[]> {
  const bySeed = [...Map.groupBy(values, ({ seed }) => seed)];
  const rowsOf = (own: readonly Value[], environment: Environment) =>
    own.filter((value) => isOf(value.environment, environment)).map(({ row }) => row);
  const compared = (environment: Environment) =>
    bySeed.filter(([, own]) => new Set(rowsOf(own, environment)).size > 1).length;
  return new Map(bySeed.map(([seed, own]) => [
    seed,
    ordered(own, (environment) => {
      const rows = rowsOf(own, environment);
      return [compared(environment), new Set(rows).size, rows.length];
    }),
  ]));
}

/** A value, and that of the baseline which it is compared with, where there is one. */
export interface Chosen {
  own: Value;
  base?: Value;
  /** The one that both belong to; what pre-trains nothing belongs to that of what does. */
  environment: Environment;
}

/** What counts for a seed, and what there is of it in other environments. */
export interface ChosenOfSeed extends Chosen {
  apart: Chosen[];
}

/**
 * The value of each seed in one row and column, ascending: with the baseline's value of the same environment where some
 * environment has both.
 *
 * @param own all values of the row and column
 * @param base all values of the baseline's row in that column
 */
export function chosenValues(
  own: readonly Value[],
  base: readonly Value[],
  environments: ReadonlyMap<number, readonly Environment[]>,
): ChosenOfSeed[] {
  const seeds = [...new Set(own.map(({ seed }) => seed))].sort((a, b) => a - b);
  return seeds.flatMap((seed) => {
    const found = (environments.get(seed) ?? []).flatMap((environment): Chosen[] => {
      const of = (values: readonly Value[]) =>
        values.find((value) => value.seed === seed && isOf(value.environment, environment));
      const value = of(own);
      return value ? [{ own: value, base: of(base), environment }] : [];
    });
    const best = found.find(({ base }) => base !== undefined) ?? found[0];
    return best ? [{ ...best, apart: found.filter((one) => one !== best) }] : [];
  });
}
