/** Text as Markdown shows it: on one line, with every sign that means something escaped. */
export function escaped(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\|<>&*_`[\]~#]/g, (sign) => `\\${sign}`);
}

/** A link; its text is escaped. */
export function linked(text: string, href: string): string {
  return `[${escaped(text)}](${href.replace(/[()\s]/g, encodeURIComponent)})`;
}

/** A table; cells are Markdown already, an empty one becomes a dash. */
export function mdTable(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell === "" ? "–" : cell).join(" | ")} |`;
  return [`| ${heads.join(" | ")} |`, line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A column of a table; its head and its cells are Markdown already. */
export interface MdColumn {
  head: string;
  cells: string[];
}

/** Columns of a table at most, the column of row heads included: more cannot be read on a page of usual width. */
const MOST_COLUMNS = 8;

/**
 * Columns as one table or, where they are too many, as several below each other, each with the row heads.
 *
 * @param groups columns that stay together
 */
export function mdTables(rowHeads: MdColumn, groups: MdColumn[][]): string {
  const tables: MdColumn[][] = [];
  for (const group of groups) {
    const last = tables.at(-1);
    if (last === undefined || last.length + group.length >= MOST_COLUMNS) tables.push([...group]);
    else last.push(...group);
  }
  return (tables.length === 0 ? [[]] : tables).map((columns) => {
    const all = [rowHeads, ...columns];
    return mdTable(all.map(({ head }) => head), rowHeads.cells.map((_, k) => all.map(({ cells }) => cells[k])));
  }).join("\n\n");
}

/** A list; items are Markdown already. */
export function mdList(items: string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** Paragraphs, lists and tables as one document; empty ones are left out. */
export function mdDocument(parts: string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
