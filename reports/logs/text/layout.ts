import { printable } from "../../../core/printable.ts";

/** Characters of a line, at most; a table of all columns fits. */
const WIDTH = 80;
const INDENT = "  ", LABEL = 11;

/** A fact and its name. */
export type Fact = [label: string, text: string];

/** Facts below each other, their names in a column; long texts are broken between words, and words that are too long in themselves. */
export function factLines(facts: Fact[]): string[] {
  return facts.flatMap(([label, text]) =>
    wrapped(text, WIDTH - INDENT.length - LABEL).map((line, k) =>
      `${INDENT}${(k === 0 ? label : "").padEnd(LABEL)}${line}`
    )
  );
}

/** Rows of cells in columns, set to the right; those of the first `left` columns to the left. */
export function columns(rows: string[][], left = 0): string[] {
  const widths = rows[0].map((_, k) => Math.max(...rows.map((row) => row[k].length)));
  return rows.map((row) =>
    INDENT + row.map((cell, k) => k < left ? cell.padEnd(widths[k]) : cell.padStart(widths[k])).join("  ").trimEnd()
  );
}

function wrapped(text: string, width: number): string[] {
  const lines = [""];
  const parts = text.split(" ").flatMap((word) => word.match(new RegExp(`.{1,${width}}`, "gsu")) ?? [word]);
  for (const word of parts) {
    const last = lines[lines.length - 1], longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= width || last === "") lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** Characters of a text of a log that are shown. */
const SHOWN = 200;

/** A text of a log or a file's name as it is shown: without characters that a terminal would obey, and not without end. */
export function plain(text: string): string {
  const chars = Array.from(text.slice(0, 4 * SHOWN));
  return printable(chars.length > SHOWN ? `${chars.slice(0, SHOWN).join("")}…` : text);
}
