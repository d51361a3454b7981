import { rowName } from "../judging/labels.ts";
import type { Observation, SeedObservations } from "../judging/observations.ts";
import type { Evidence } from "../judging/verdicts.ts";
import { type Environment, environmentsOf, isOf } from "../scales/environment.ts";
import { settingsName } from "../scales/scale.ts";
import type { MeasuredTable } from "./measured.ts";
import { environmentsBySeed } from "./pooling.ts";
import type { Value } from "./values.ts";

/**
 * What a scale says about the claims of a table: its own rows by key, those of other tables by full name. For each seed
 * there is an observation of every environment, that with most of the table's rows first. Times of a table are in the
 * observations of one environment only.
 *
 * @param tables all that was measured at the scale, the claims' table among it
 */
export function evidenceOf(tables: readonly MeasuredTable[], own: MeasuredTable): Evidence {
  const all = tables.map((measured) => ({ measured, values: comparable(measured) }));
  const environments = environmentsOf(all.flatMap(({ values }) => values.map(({ environment }) => environment)));
  const name = ({ table }: MeasuredTable, row: string) => table === own.table ? row : rowName(table.id, row);
  const seeds = new Set(all.flatMap(({ values }) => values.map(({ seed }) => seed)));
  const preferred = environmentsBySeed(own.values);
  const observed = (seed: number, environment: Environment): Observation => {
    const observation: Observation = {};
    for (const { measured, values } of all) {
      for (const { row, column, value, environment: of, seed: other } of values) {
        if (other !== seed || !isOf(of, environment)) continue;
        (observation[name(measured, row)] ??= {})[column] = value;
      }
    }
    return observation;
  };
  return {
    settings: settingsName(own.scale),
    published: own.scale.published,
    seeds: [...seeds].sort((a, b) => a - b).map((seed): SeedObservations => {
      const first = preferred.get(seed) ?? [];
      const rank = (environment: Environment) => {
        const k = first.findIndex((one) => isOf(one, environment));
        return k < 0 ? first.length : k;
      };
      return environments.toSorted((a, b) => rank(a) - rank(b) || (a.key < b.key ? -1 : 1))
        .map((environment) => observed(seed, environment))
        .filter((observation) => Object.keys(observation).length > 0);
    }),
    gone: all.flatMap(({ measured }) => goneRows(measured).map((row) => name(measured, row))),
  };
}

/** All values but for the times of other environments than the one whose times are shown. */
function comparable({ values, times }: MeasuredTable): Value[] {
  return values.filter(({ timed, environment }) => !timed || (times !== undefined && isOf(environment, times)));
}

/** Rows of which records are known whose files are gone. */
function goneRows({ gone }: MeasuredTable): string[] {
  return [...new Set(gone.map(({ row }) => row))];
}
