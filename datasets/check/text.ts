import { counted } from "../../core/counted.ts";
import { listed } from "../../core/listed.ts";
import { printable } from "../../core/printable.ts";
import type { Inspection, Range } from "./inspect.ts";

/** So many duplicates, names of each, and files of one reason, are named; the rest is counted. */
const NAMED = 10;

/** What a data set holds, for a person. */
export function inspectionText(found: Inspection, seconds: number): string {
  const { path, kind, sha256, classes, train, test, width, height, broken, duplicates, unusable } = found;
  const { files, leftOut, unlabelled } = found, left = leftOut.reduce((sum, { files }) => sum + files.length, 0);
  const rows = [...classes, { name: "total", train, test }].map((
    row,
  ) => [printable(row.name), `${row.train}`, `${row.test}`]);
  return [
    `${printable(path)}: ${kind}, ${counted(train + test, "image")} in ${counted(classes.length, "class", "classes")}`,
    `SHA-256     ${sha256 ?? "none, a file cannot be read"}`,
    ...table([["", "train", "test"], ...rows]),
    `width       ${rangeText(width)}`,
    `height      ${rangeText(height)}`,
    `not used    ${left}${left > 0 ? ` of ${files + left} files` : ""}`,
    ...leftOut.flatMap(({ reason, files: own }) => [
      `  ${own.length} ${reason}`,
      ...own.slice(0, NAMED).map((path) => `    ${printable(path)}`),
      ...(own.length > NAMED ? [`    … and ${own.length - NAMED} more; --json names all`] : []),
    ]),
    ...(unlabelled ? [`no labels   ${unlabelled.images} in ${unlabelled.folder}, not used`] : []),
    `broken      ${broken.length}`,
    ...broken.map(({ file, reason }) => `  ${printable(`${file}: ${reason}`)}`),
    `in both     ${duplicates.length}${duplicates.length ? " (the same content in train and test)" : ""}`,
    ...duplicates.slice(0, NAMED).map(({ train, test }) => `  ${namesText(train)} = ${namesText(test)}`),
    ...(duplicates.length > NAMED ? [`  … and ${duplicates.length - NAMED} more; --json names all`] : []),
    ...(unusable ? [`training    ${printable(unusable)}`] : []),
    `took        ${seconds.toFixed(1)} s`,
  ].join("\n");
}

const namesText = (names: readonly string[]) => printable(listed(names, NAMED));

function rangeText(range: Range | null): string {
  return range ? `${range.min} … ${range.max} pixels, median ${range.median}` : "none";
}

/** Rows in columns: names to the left, numbers to the right. */
function table(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => rows.reduce((most, row) => Math.max(most, row[column].length), 0));
  return rows.map(([name, ...numbers]) =>
    `  ${[name.padEnd(widths[0]), ...numbers.map((text, i) => text.padStart(widths[i + 1]))].join("  ")}`
  );
}
