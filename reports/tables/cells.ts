import { ratioVerdict, valueVerdict } from "../judging/cellVerdict.ts";
import { type Change, changeBetween, worst } from "../judging/machine.ts";
import { publishedObservation } from "../judging/observations.ts";
import { type Estimate, estimate } from "../judging/statistics.ts";
import type { MeasuredCell, SeedValue } from "../model.ts";
import { environmentName, isOf } from "../scales/environment.ts";
import type { CellVerdict } from "../vocabulary.ts";
import { baselineOf, type FilledTable, sourceOf } from "./fills.ts";
import { likeOf, type MeasuredTable } from "./measured.ts";
import { type Chosen, chosenValues } from "./pooling.ts";
import type { ShownColumn } from "./shown.ts";
import type { Value } from "./values.ts";
import { noPair } from "./unpaired.ts";

/** A cell of a row as it is shown: a number, or a word that says why there is none. */
export type ShownCell = { cell: MeasuredCell } | { absent: string };

/** What one seed gives in a shown column, in one environment. */
interface ReadValue {
  value: number;
  chosen: Chosen;
}

/** What one seed gives, and what it gives in other environments. */
interface Read extends ReadValue {
  apart: ReadValue[];
}

/**
 * A cell of a table at one scale: the mean over seeds with its 95 % interval, beside the print. What is relative to the
 * baseline is paired by seed and environment: a seed without such a pair does not count.
 */
export function shownCell(measured: MeasuredTable, row: string, column: ShownColumn): ShownCell {
  const { fill, lost } = measured;
  const own = measured.values.filter((value) => value.row === row && value.column === column.of);
  if (own.length === 0) {
    const gone = lost.find((one) => one.row === row && one.column === column.of);
    if (gone) return { absent: gone.lost };
    const like = likeOf(measured.rows, row);
    const isRun = sourceOf(measured, like, column.of) !== undefined || row in (fill.unfilled ?? {});
    return { absent: isRun ? "not run" : "–" };
  }
  const reads = readsOf(measured, row, column);
  if (reads.length > 0) return { cell: placed(measured, row, column, reads) };
  return { absent: noPair(measured, row, column) };
}

/** What each seed of a row gives in a shown column, ascending. */
function readsOf(measured: MeasuredTable, row: string, column: ShownColumn): Read[] {
  const { fill, times, environments, rows } = measured, baseline = baselineOf(fill, likeOf(rows, row));
  const of = (wanted: string | undefined) =>
    measured.values.filter((value) =>
      value.row === wanted && value.column === column.of &&
      (!value.timed || (times !== undefined && isOf(value.environment, times)))
    );
  const readOf = (chosen: Chosen): ReadValue[] => {
    const of = ({ value, recompiled }: Value) => column.as === "recompiled" ? recompiled ?? NaN : value;
    const value = read(column, of(chosen.own), chosen.base && of(chosen.base));
    return Number.isFinite(value) ? [{ value, chosen }] : [];
  };
  return chosenValues(of(row), of(baseline), environments).flatMap(({ apart, ...chosen }) =>
    readOf(chosen).map((found) => ({ ...found, apart: apart.flatMap(readOf) }))
  );
}

/** A value as a column shows it; NaN where it needs a baseline and there is none. */
function read({ as }: Pick<ShownColumn, "as">, value: number, base = NaN): number {
  if (as === "ratio" || as === "recompiled") return value / base;
  if (as === "drop") return base - value;
  return as === "seconds" ? value * 3600 : value;
}

/** The print's values by shown column and row; times of a machine of our own have none. */
export function publishedValues(
  { table, fill }: FilledTable,
  columns: ShownColumn[],
): Record<string, Record<string, number>> {
  const printed = publishedObservation(table);
  return Object.fromEntries(columns.map((column) => {
    const { key, of, as } = column;
    const rows = table.rows.map((row): [string, number] => {
      const value = printed[row.key]?.[of] ?? NaN, base = printed[baselineOf(fill, row.key) ?? ""]?.[of];
      return [row.key, as === "seconds" || as === "hours" || as === "recompiled" ? NaN : read(column, value, base)];
    });
    return [key, Object.fromEntries(rows.filter(([, value]) => Number.isFinite(value)))];
  }));
}

function placed(measured: MeasuredTable, row: string, column: ShownColumn, reads: Read[]): MeasuredCell {
  const found = estimate(reads.map(({ value }) => value)), { n, mean, half } = found;
  const printed = printedBeside(measured, row, column, reads);
  return {
    n,
    mean: rounded(mean),
    half: half === null ? null : rounded(half),
    difference: printed === undefined ? null : rounded(mean - printed),
    verdict: verdict(measured, row, column, found, printed, reads),
    ...(column.as === "ratio" && { change: workChange(measured, reads) }),
    values: reads.map(seedValue),
    ...(reads.some(({ apart }) => apart.length > 0) && { apart: reads.flatMap(({ apart }) => apart.map(seedValue)) }),
  };
}

function seedValue({ value, chosen: { own: { seed }, environment } }: ReadValue): SeedValue {
  return { seed, environment: environmentName(environment), value: rounded(value) };
}

/** The print's value that a cell is compared with: of a control's ratio, that of its row where layers freeze as in the print. */
function printedBeside(measured: MeasuredTable, row: string, column: ShownColumn, reads: Read[]): number | undefined {
  const released = column.as === "ratio" && reads.every(({ chosen }) => chosen.own.backward === "live");
  return publishedValues(measured, [column])[column.key][released ? likeOf(measured.rows, row) : row];
}

function verdict(
  measured: MeasuredTable,
  row: string,
  { as, tolerance }: ShownColumn,
  found: Estimate,
  printed: number | undefined,
  reads: Read[],
): CellVerdict {
  const { fill, scale, rows } = measured, baseline = baselineOf(fill, likeOf(rows, row));
  if (printed === undefined || ((as === "ratio" || as === "drop") && row === baseline)) return "no print";
  // Where the rows do different work from the start, or other parts of as much, how their times compare hangs on the scale.
  const alike = reads.every(({ chosen: { own, base } }) =>
    own.unfrozen?.work === base?.unfrozen?.work && own.epochs === base?.epochs
  );
  if (!scale.published && (as !== "ratio" || !alike)) return "another scale";
  if (as !== "ratio") return valueVerdict(found, printed, tolerance);
  if (reads.some(({ chosen }) => chosen.own.backward === "cut")) return "another method";
  return ratioVerdict(found, printed, workChange(measured, reads));
}

/** By how much the machine changed between a row and its baseline, at worst. */
function workChange({ values, measurement }: MeasuredTable, reads: Read[]): Change {
  const change = worst(reads.map(({ chosen: { own, base } }) => {
    const pair = base ? [own, base] : [own];
    const all = measurement ? values.filter(({ column, seed }) => column === own.column && seed === own.seed) : pair;
    return changeBetween(
      Object.fromEntries(all.flatMap(({ row, unfrozen }) => unfrozen ? [[row, unfrozen]] : [])),
      pair.map(({ row }) => row),
    );
  }));
  return change && rounded(change);
}

/** Without the last digits, which are noise of binary arithmetic. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
