import type { Environment } from "../scales/environment.ts";
import { computation, type Scale } from "../scales/scale.ts";
import { timedComputation } from "../scales/times.ts";
import { baselineOf, type FilledTable } from "./fills.ts";
import { environmentsBySeed, timesFrom } from "./pooling.ts";
import { type ShownColumn, shownColumns } from "./shown.ts";
import { type Row, rowsAt, type TableValues, valuesAt } from "./values.ts";

/** A published table at one scale, with all that was measured of it. */
export interface MeasuredTable extends FilledTable, TableValues {
  scale: Scale;
  columns: ShownColumn[];
  /** The printed rows, then the controls beside them. */
  rows: Row[];
  /** The environment whose times are shown; undefined where no time was measured. */
  times: Environment | undefined;
  /** The environments of each seed, the one to be preferred first. */
  environments: ReadonlyMap<number, readonly Environment[]>;
}

/** What was measured of a table at a scale. */
export function measuredTable(scale: Scale, filled: FilledTable): MeasuredTable {
  const found = valuesAt(scale, filled), { values } = found, rows = rowsAt(scale, filled);
  return {
    ...filled,
    scale,
    columns: shownColumns(filled).filter(({ of }) =>
      !(of in (filled.fill.beside ?? {})) || values.some(({ column }) => column === of)
    ),
    rows,
    ...found,
    times: timesFrom(values, (row) => baselineOf(filled.fill, likeOf(rows, row))),
    environments: environmentsBySeed(values),
  };
}

/**
 * What was measured of a table, by scale, that with most computation in the table first. A scale is left out where nothing of the table was run, or
 * only what stands at a scale with less set: a setting of fine-tuning changes no pre-training.
 */
export function measuredAt(scales: readonly Scale[], filled: FilledTable): MeasuredTable[] {
  const all = scales.map((scale) => measuredTable(scale, filled)), seen = new Set<string>();
  const plainFirst = all.toSorted((a, b) =>
    a.scale.set.length - b.scale.set.length || (a.scale.id < b.scale.id ? -1 : 1)
  );
  const fresh = plainFirst.filter(({ values, lost, measurement }) => {
    const ids = [
      ...(measurement ? [measurement.id] : []),
      ...values.flatMap(({ records }) => records.map(({ id }) => id)),
      ...lost.map(({ id }) => id),
    ];
    const isFresh = ids.some((id) => !seen.has(id));
    ids.forEach((id) => seen.add(id));
    return isFresh;
  });
  const size = ({ values, measurement }: MeasuredTable) =>
    Math.max(
      computation(values.flatMap(({ records }) => records)),
      measurement ? timedComputation(measurement.times) : 0,
    );
  return all.filter((one) => fresh.includes(one)).sort((a, b) => size(b) - size(a));
}

/** The printed row that a row is, or beside which it stands. */
export function likeOf(rows: readonly Row[], row: string): string {
  return rows.find(({ key }) => key === row)?.like ?? row;
}
