import type { MeasuredColumn, MeasuredRow, ScaleReport, TableReport } from "../model.ts";
import type { AuthorsCell, CellVerdict } from "../vocabulary.ts";

/** A source that a measured column has values of. */
export type Source = "published" | "logs" | "ours";

/** A measured column with the sources that have values in it; ours is always among them. */
export interface ComparedColumn {
  column: MeasuredColumn;
  sources: Source[];
}

/** The measured columns of a scale, each beside the print and the author's logs where these have it. */
export function comparedColumns(table: TableReport, scale: ScaleReport): ComparedColumn[] {
  return scale.columns.map((column) => ({
    column,
    sources: [
      ...Object.keys(column.published).length > 0 ? ["published" as const] : [],
      ...table.authors.some((cell) => cell.column === column.key) ? ["logs" as const] : [],
      "ours" as const,
    ],
  }));
}

/**
 * The verdict on every cell of a column, where all agree that there is nothing to judge; else undefined. A cell that is
 * its own measure, as the baseline's ratio, does not count: the print shows it and yet there is nothing to compare.
 */
export function unjudged(scale: ScaleReport, { key, published }: MeasuredColumn): CellVerdict | undefined {
  const verdicts = scale.rows.flatMap((row) => {
    const verdict = row.cells[key]?.verdict;
    return verdict === undefined || (verdict === "no print" && published[row.key] !== undefined) ? [] : [verdict];
  });
  const common = verdicts.every((verdict) => verdict === verdicts[0]) ? verdicts[0] : undefined;
  return common === "another scale" || common === "no print" ? common : undefined;
}

/** The value of the author's logs in one cell. */
export function loggedCell(table: TableReport, row: string, column: string): AuthorsCell | undefined {
  return table.authors.find((cell) => cell.row === row && cell.column === column);
}

/** The printed columns that the logs have values of. */
export function loggedColumns(table: TableReport): TableReport["columns"] {
  return table.columns.filter(({ key }) => table.authors.some(({ column }) => column === key));
}

/** The printed columns that our code computes. */
export function computedColumns(table: TableReport): TableReport["columns"] {
  return table.columns.filter(({ key }) => table.computed.some(({ column }) => column === key));
}

/** The rows of a scale in the order of the print, then those that the print has not; one that the scale does not know is not run. */
export function scaleRows(table: TableReport, scale: ScaleReport): { label: string; row: MeasuredRow }[] {
  const printed = table.rows.map(({ key, label }) => ({
    label,
    row: scale.rows.find((row) => row.key === key) ??
      { key, label, like: "", state: "not run" as const, n: 0, records: [], cells: {}, absent: {} },
  }));
  return [...printed, ...scale.rows.filter(({ like }) => like !== "").map((row) => ({ label: row.label, row }))];
}

/** How a row fares at one scale: "n = 3", "times alone, n = 5", "not run: another method", "missing". */
export function rowState({ unfilled }: TableReport, { key, state, n, timesAlone }: MeasuredRow): string {
  if (state === "run") return `${timesAlone ? "times alone, " : ""}n = ${n}`;
  return state === "not run" && key in unfilled ? `not run: ${unfilled[key]}` : state;
}

/** Why a row has no value in a column of our runs. */
export function absence({ state, absent }: MeasuredRow, column: string): string {
  return absent[column] ?? (state === "run" ? "no value" : state);
}

/** At which scales rows of a table were run. */
export function ranAt({ kind, scales }: TableReport): string {
  if (kind === "definition") return "definition";
  const run = scales.filter(({ rows }) => rows.some(({ state }) => state === "run")).map(({ id }) => id);
  return run.length === 0 ? "not run" : `at ${run.join(", ")}`;
}

/** What a time ratio is compared with: of a row that the print has not, the ratio of the row beside which it stands. */
export function printedRatio({ key, like }: MeasuredRow, column: MeasuredColumn): number | undefined {
  return column.key === "ratio" ? column.published[key] ?? column.published[like] : undefined;
}
