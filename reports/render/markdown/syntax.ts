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

/** A list; items are Markdown already. */
export function mdList(items: string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

/** Paragraphs, lists and tables as one document; empty ones are left out. */
export function mdDocument(parts: string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
