import type { Evidence, Observed, Unfrozen } from "../judging/evidence.ts";
import { rowName } from "../judging/labels.ts";
import type { Observation, SeedObservations } from "../judging/observations.ts";
import { type Environment, environmentsOf, isOf } from "../scales/environment.ts";
import type { MeasuredTable } from "./measured.ts";
import { environmentsBySeed } from "./pooling.ts";
import type { Value } from "./values.ts";

/**
 * What a scale says about the claims of a table: its own rows by key, those of other tables by full name. For each seed
 * there is an observation of every environment, that with most of the table's rows first. Times of a table are in the
 * observations of one environment only; those of the released backward pass stand in the printed rows, whatever run made them.
 *
 * @param tables all that was measured at the scale, the claims' table among it
 */
export function evidenceOf(tables: readonly MeasuredTable[], own: MeasuredTable): Evidence {
  const all = tables.map((measured) => ({ measured, values: comparable(measured, own) }));
  const isReleased = ({ backward }: Value) => backward !== "cut", isCut = ({ backward }: Value) => backward !== "live";
  const timed = own.values.filter((value) => value.timed).map(({ column }) => column);
  return {
    published: own.scale.published,
    timed: new Set(timed),
    ...observedOf(all, own, isReleased),
    cut: observedOf(all, own, isCut),
    lost: all.flatMap(({ measured }) => lostRows(measured).map((row) => nameIn(own, measured, row))),
  };
}

interface Comparable {
  measured: MeasuredTable;
  values: Value[];
}

/** @param counts whether a value counts */
function observedOf(all: readonly Comparable[], own: MeasuredTable, counts: (value: Value) => boolean): Observed {
  const chosen = all.map(({ measured, values }) => ({ measured, values: values.filter(counts) }));
  const environments = environmentsOf(chosen.flatMap(({ values }) => values.map(({ environment }) => environment)));
  const seeds = [...new Set(chosen.flatMap(({ values }) => values.map(({ seed }) => seed)))].sort((a, b) => a - b);
  const preferred = environmentsBySeed(own.values);
  const observed = (seed: number, environment: Environment): Observation => {
    const observation: Observation = {};
    for (const { measured, values } of chosen) {
      for (const value of values) {
        if (value.seed !== seed || !isOf(value.environment, environment)) continue;
        (observation[nameIn(own, measured, placeOf(measured, value))] ??= {})[value.column] = value.value;
      }
    }
    return observation;
  };
  return {
    seeds: seeds.map((seed): SeedObservations => {
      const first = preferred.get(seed) ?? [];
      const rank = (environment: Environment) => {
        const k = first.findIndex((one) => isOf(one, environment));
        return k < 0 ? first.length : k;
      };
      return environments.toSorted((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1))
        .map((environment) => observed(seed, environment))
        .filter((observation) => Object.keys(observation).length > 0);
    }),
    unfrozen: seeds.map((seed) => unfrozenOf(own, chosen.find(({ measured }) => measured === own)!.values, seed)),
  };
}

/** What the machine took for the same work in a seed, by row. */
function unfrozenOf(own: MeasuredTable, values: readonly Value[], seed: number): Unfrozen {
  return Object.fromEntries(
    values.flatMap((value) =>
      value.seed === seed && value.unfrozen ? [[placeOf(own, value), value.unfrozen] as const] : []
    ),
  );
}

/** The row of the print that a value stands in: a time of the released backward pass stands in the row that freezes so. */
function placeOf({ rows }: MeasuredTable, { row, timed, backward }: Value): string {
  return timed && backward === "live" ? rows.find(({ key }) => key === row)?.like ?? row : row;
}

function nameIn(own: MeasuredTable, { table }: MeasuredTable, row: string): string {
  return table === own.table ? row : rowName(table.id, row);
}

/** All values but for the times of other environments than the one whose times are shown, and of other measurements. */
function comparable({ values, times, measurement }: MeasuredTable, own: MeasuredTable): Value[] {
  const alike = measurement?.id === own.measurement?.id;
  return values.filter(({ timed, environment }) =>
    !timed || (alike && times !== undefined && isOf(environment, times))
  );
}

/** Rows of which records are known that nothing can read. */
function lostRows({ lost }: MeasuredTable): string[] {
  return [...new Set(lost.map(({ row }) => row))];
}
