/** A cell of a CSV file; null is an empty cell. */
export type CsvCell = string | number | null;

/** Significant digits of a number: more than any figure shows, fewer than the noise of the last bit. */
const DIGITS = 10;

/**
 * Rows as CSV (RFC 4180, lines end with a line feed): cells with commas, quotes or line breaks are quoted.
 *
 * @param header one name per column
 * @param rows as many cells each; numbers are finite
 */
export function csvText(header: string[], rows: CsvCell[][]): string {
  return [header, ...rows].map((row) => `${row.map(csvCell).join(",")}\n`).join("");
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return "";
  const text = typeof cell === "number" ? String(Number(cell.toPrecision(DIGITS))) : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
