import { printable } from "../../core/printable.ts";
import type { Inspection, Range } from "./inspect.ts";

/** So many duplicates, and files of one reason, are named; the rest is counted. */
const NAMED = 10;

/** What a data set holds, for a person. */
export function inspectionText(found: Inspection, seconds: number): string {
  const { path, kind, sha256, classes, train, test, width, height, broken, duplicates, unusable } = found;
  const { leftOut, unlabelled } = found, left = leftOut.reduce((sum, { files }) => sum + files.length, 0);
  const rows = [...classes, { name: "total", train, test }].map((row) => [row.name, `${row.train}`, `${row.test}`]);
  return [
    `${path}: ${kind}, ${train + test} images in ${classes.length} classes`,
    `SHA-256     ${sha256 ?? "none, a file cannot be read"}`,
    ...table([["", "train", "test"], ...rows]),
    `width       ${rangeText(width)}`,
    `height      ${rangeText(height)}`,
    `not used    ${left}${left > 0 ? ` of ${train + test + left} files` : ""}`,
    ...leftOut.flatMap(({ reason, files }) => [
      `  ${files.length} ${reason}`,
      ...files.slice(0, NAMED).map((path) => `    ${printable(path)}`),
      ...(files.length > NAMED ? [`    … and ${files.length - NAMED} more; --json names all`] : []),
    ]),
    ...(unlabelled ? [`no labels   ${unlabelled.images} in ${unlabelled.folder}, not used`] : []),
    `broken      ${broken.length}`,
    ...broken.map(({ file, reason }) => `  ${printable(file)}: ${reason}`),
    `in both     ${duplicates.length}${duplicates.length ? " (the same content in train and test)" : ""}`,
    ...duplicates.slice(0, NAMED).map(({ train, test }) => `  ${train.join(", ")} = ${test.join(", ")}`),
    ...(duplicates.length > NAMED ? [`  … and ${duplicates.length - NAMED} more; --json names all`] : []),
    ...(unusable ? [`training    ${unusable}`] : []),
    `took        ${seconds.toFixed(1)} s`,
  ].join("\n");
}

function rangeText(range: Range | null): string {
  return range ? `${range.min} … ${range.max} pixels, median ${range.median}` : "none";
}

/** Rows in columns: names to the left, numbers to the right. */
function table(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map(([name, ...numbers]) =>
    `  ${[name.padEnd(widths[0]), ...numbers.map((text, i) => text.padStart(widths[i + 1]))].join("  ")}`
  );
}
