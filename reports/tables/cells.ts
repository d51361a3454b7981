import { escape, from, op } from "arquero";
import { paperProfile } from "../judging/verdicts.ts";
import { printedRange, ratioVerdict, valueVerdict } from "../judging/cellVerdict.ts";
import { publishedObservation } from "../judging/observations.ts";
import { type Estimate, estimate } from "../judging/statistics.ts";
import type { MeasuredCell } from "../model.ts";
import type { CellVerdict } from "../vocabulary.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import type { Measure, ShownColumn } from "./measures.ts";
import type { SeedObservation } from "./values.ts";

/** A measured cell with its place. */
export interface PlacedCell extends MeasuredCell {
  row: string;
  column: string;
}

interface Value {
  seed: number;
  row: string;
  of: string;
  value: number;
}

/**
 * The cells of a table at one scale: each shown column of each row that was run, as the mean over seeds with its 95 %
 * interval, beside the print.
 *
 * Readings relative to the baseline are paired by seed: a seed without the baseline does not count for them.
 */
export function measuredCells(
  seeds: SeedObservation[],
  measure: Measure,
  table: PublishedTable,
  profile: string,
): PlacedCell[] {
  const values = longForm(seeds);
  if (values.length === 0) return [];
  const own = from(values);
  const base = own.filter(escape((v: Value) => v.row === measure.baseline)).select("seed", "of", { value: "base" });
  const shown = from(measure.shown.map(({ key, of, reading }) => ({ key, of, reading })));
  const printed = publishedValues(measure, table);
  return own.join_left(base, [["seed", "of"], ["seed", "of"]])
    .join(shown, [["of"], ["of"]])
    .derive({ read: escape((v: Joined) => read(v.reading, v.value, v.row === measure.baseline ? v.value : v.base)) })
    .filter(escape((v: Joined & { read: number }) => Number.isFinite(v.read)))
    .orderby("row", "key", "seed")
    .groupby("row", "key")
    .rollup({ values: op.array_agg("read") })
    .objects()
    .map((cell) => {
      const { row, key, values } = cell as { row: string; key: string; values: number[] };
      const column = measure.shown.find((shown) => shown.key === key)!;
      return placed(row, column, estimate(values), printed[key]?.[row], { measure, table, profile });
    });
}

interface Joined extends Value {
  base: number | undefined;
  key: string;
  reading: ShownColumn["reading"];
}

function longForm(seeds: SeedObservation[]): Value[] {
  return seeds.flatMap(({ seed, values }) =>
    Object.entries(values).flatMap(([row, columns]) =>
      Object.entries(columns ?? {}).map(([of, value]) => ({ seed, row, of, value: value ?? NaN }))
    )
  );
}

/** One reading of a value; NaN where it needs a baseline and there is none. */
function read(reading: ShownColumn["reading"], value: number, base = NaN): number {
  if (reading === "ratio") return value / base;
  if (reading === "drop") return base - value;
  return reading === "seconds" ? value * 3600 : value;
}

/** The print's values by shown column and row; columns in seconds have none. */
export function publishedValues(measure: Measure, table: PublishedTable): Record<string, Record<string, number>> {
  const printed = publishedObservation(table);
  return Object.fromEntries(measure.shown.map(({ key, of, reading }) => {
    const base = printed[measure.baseline]?.[of] ?? NaN;
    const rows = table.rows.map((row): [string, number] => {
      const value = printed[row.key]?.[of] ?? NaN;
      return [row.key, reading === "seconds" ? NaN : read(reading, value, base)];
    });
    return [key, Object.fromEntries(rows.filter(([, value]) => Number.isFinite(value)))];
  }));
}

interface Context {
  measure: Measure;
  table: PublishedTable;
  profile: string;
}

function placed(
  row: string,
  column: ShownColumn,
  found: Estimate,
  printed: number | undefined,
  context: Context,
): PlacedCell {
  const { n, mean, half } = found;
  return {
    row,
    column: column.key,
    n,
    mean: rounded(mean),
    half: half === null ? null : rounded(half),
    difference: printed === undefined ? null : rounded(mean - printed),
    verdict: verdict(row, column, found, printed, context),
  };
}

function verdict(
  row: string,
  { of, reading, tolerance }: ShownColumn,
  found: Estimate,
  printed: number | undefined,
  { measure, table, profile }: Context,
): CellVerdict {
  if (printed === undefined || ((reading === "ratio" || reading === "drop") && row === measure.baseline)) {
    return "no print";
  }
  if (reading === "ratio") {
    const print = publishedObservation(table);
    const highest = printedRange(print[row]![of]!).high / printedRange(print[measure.baseline]![of]!).low;
    return ratioVerdict(found, highest);
  }
  return profile === paperProfile ? valueVerdict(found, printed, tolerance) : "another scale";
}

/** Without the last digits, which are noise of binary arithmetic. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
