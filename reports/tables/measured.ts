import type { Environment } from "../scales/environment.ts";
import type { Scale } from "../scales/scale.ts";
import { baselineOf, type FilledTable } from "./fills.ts";
import { environmentsBySeed, timesFrom } from "./pooling.ts";
import { type ShownColumn, shownColumns } from "./shown.ts";
import { type Gone, type Value, valuesAt } from "./values.ts";

/** A published table at one scale, with all that was measured of it. */
export interface MeasuredTable extends FilledTable {
  scale: Scale;
  columns: ShownColumn[];
  values: Value[];
  gone: Gone[];
  /** The environment whose times are shown; undefined where no time was measured. */
  times: Environment | undefined;
  /** The environments of each seed, the one to be preferred first. */
  environments: ReadonlyMap<number, readonly Environment[]>;
}

/** What was measured of a table at a scale. */
export function measuredTable(scale: Scale, filled: FilledTable): MeasuredTable {
  const { values, gone } = valuesAt(scale, filled);
  return {
    ...filled,
    scale,
    columns: shownColumns(filled),
    values,
    gone,
    times: timesFrom(values, (row) => baselineOf(filled.fill, row)),
    environments: environmentsBySeed(values),
  };
}

/**
 * What was measured of a table, by scale, the largest first. A scale is left out where nothing of the table was run, or
 * only what stands at a scale with less set: a setting of fine-tuning changes no pre-training.
 */
export function measuredAt(scales: readonly Scale[], filled: FilledTable): MeasuredTable[] {
  const all = scales.map((scale) => measuredTable(scale, filled)), seen = new Set<string>();
  const plainFirst = all.toSorted((a, b) =>
    a.scale.set.length - b.scale.set.length || (a.scale.id < b.scale.id ? -1 : 1)
  );
  const fresh = plainFirst.filter(({ values, gone }) => {
    const ids = [...values.flatMap(({ records }) => records.map(({ id }) => id)), ...gone.map(({ id }) => id)];
    const isFresh = ids.some((id) => !seen.has(id));
    ids.forEach((id) => seen.add(id));
    return isFresh;
  });
  return all.filter((one) => fresh.includes(one));
}
