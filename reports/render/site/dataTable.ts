import { type Markup, markup, type Part } from "./markup.ts";

/** A table for a page: row heads in a column that stays in sight, columns that can be sorted. */
export interface DataTable {
  /** Names the table on its page. */
  id: string;
  caption: Part;
  /** Head of the column of row heads. */
  corner: string;
  columns: DataColumn[];
  rows: DataRow[];
}

/** A column; neighbours of the same group share a head above theirs. */
export interface DataColumn {
  head: Part;
  /** Stands small below the head; "" for none. */
  unit?: string;
  group?: string;
  /** Numbers stand to the right. */
  numeric: boolean;
}

/** One row with as many cells as there are columns. */
export interface DataRow {
  /** Anchor. */
  id?: string;
  head: Part;
  cells: DataCell[];
}

/** One cell. */
export interface DataCell {
  content: Part;
  /** What it sorts by where that is not its text; null sorts last. */
  value?: number | null;
  /** Where the value comes from. */
  title?: string;
  /** A long text, which is wrapped. */
  long?: boolean;
}

/** Columns that a sheet of paper takes upright. */
const MOST_UPRIGHT = 7;

/** A cell that has nothing but a word about its absence. */
export function emptyCell(word: Part, title?: string): DataCell {
  return { content: markup`<span class="empty">${word}</span>`, value: null, title };
}

/** The table in a box that scrolls sideways on its own. */
export function dataTable(table: DataTable): Markup {
  const starts = groupStarts(table.columns);
  const across = table.columns.length > MOST_UPRIGHT ? " across" : "";
  const grouped = table.columns.some(({ group }) => group !== undefined);
  return markup`<div class="box${across}" role="region" aria-labelledby="${table.id}-caption" tabindex="0">
<table class="data" id="${table.id}">
<caption id="${table.id}-caption">${table.caption}</caption>
<thead>
${grouped ? groupedHeads(table, starts) : plainHeads(table)}</thead>
<tbody>
${table.rows.map((row) => rowMarkup(row, table.columns, starts))}</tbody>
</table>
</div>
`;
}

/** The column numbers at which a new group begins. */
function groupStarts(columns: DataColumn[]): Set<number> {
  const begins = columns.map(({ group }, k) => k > 0 && group !== columns[k - 1].group ? k : -1);
  return new Set(begins.filter((k) => k >= 0));
}

function plainHeads({ corner, columns }: DataTable): Markup {
  return markup`<tr>${cornerHead(corner, 1)}${columns.map((column, k) => columnHead(column, k, 1, false))}</tr>
`;
}

function groupedHeads({ corner, columns }: DataTable, starts: Set<number>): Markup {
  const above = columns.map((column, k) => {
    if (column.group === undefined) return columnHead(column, k, 2, starts.has(k));
    if (k > 0 && !starts.has(k)) return null;
    const span = columns.slice(k).findIndex(({ group }) => group !== column.group);
    const width = span === -1 ? columns.length - k : span;
    return markup`<th scope="colgroup" colspan="${width}" class="group${
      starts.has(k) ? " start" : ""
    }">${column.group}</th>`;
  });
  const below = columns.map((column, k) => column.group === undefined ? null : columnHead(column, k, 1, starts.has(k)));
  return markup`<tr>${cornerHead(corner, 2)}${above}</tr>
<tr>${below}</tr>
`;
}

function cornerHead(corner: string, rows: number): Markup {
  return markup`<th scope="col"${span(rows)} data-column="0"><span class="head">${corner}</span></th>`;
}

function columnHead({ head, unit = "", numeric }: DataColumn, k: number, rows: number, start: boolean): Markup {
  const small = unit === "" ? null : markup` <span class="unit">${unit}</span>`;
  const look = classes({ numeric, start, wide: textLength(head) > 16 });
  return markup`<th scope="col"${span(rows)} data-column="${
    k + 1
  }"${look}><span class="head">${head}</span>${small}</th>`;
}

/** A long head may be wrapped, a medium one only in a narrow window. */
function rowHeadLook(head: Part): Markup | null {
  const length = textLength(head);
  return classes({ medium: length > 12 && length <= 28, wide: length > 28 });
}

function textLength(part: Part): number {
  if (part === null) return 0;
  if (typeof part === "string" || typeof part === "number") return String(part).length;
  if ("html" in part) return part.html.replace(/<[^>]*>/g, "").length;
  return part.reduce<number>((sum, inner) => sum + textLength(inner), 0);
}

function span(rows: number): Markup | null {
  return rows === 1 ? null : markup` rowspan="${rows}"`;
}

function rowMarkup({ id, head, cells }: DataRow, columns: DataColumn[], starts: Set<number>): Markup {
  const tds = cells.map(({ content, value, title, long = false }, k) => {
    const sortBy = value === undefined ? null : markup` data-value="${value === null ? "" : value}"`;
    const origin = title === undefined ? null : markup` title="${title}"`;
    const look = classes({ numeric: columns[k].numeric, start: starts.has(k), long });
    return markup`<td${look}${sortBy}${origin}>${content}</td>`;
  });
  return markup`<tr${id === undefined ? null : markup` id="${id}"`}><th scope="row"${
    rowHeadLook(head)
  }>${head}</th>${tds}</tr>
`;
}

function classes(flags: Record<string, boolean>): Markup | null {
  const names = Object.keys(flags).filter((name) => flags[name]);
  return names.length === 0 ? null : markup` class="${names.join(" ")}"`;
}
