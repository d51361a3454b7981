import { shortened, wrapped } from "../../cli/columns.ts";

/** A column of text; those of one group stand below one title. */
export interface TextColumn {
  head: string;
  group: string;
  cells: string[];
  /** Is left out where there is little room. */
  spare?: boolean;
}

/** A table of text: its name stands above the labels of the rows. */
export interface TextTable {
  name: string;
  labels: string[];
  columns: TextColumn[];
}

/** How closely a table is set. */
interface Setting {
  /** Spaces between the columns of a group. */
  gap: number;
  /** Characters in a line of a head, and in a label. */
  head: number;
  label: number;
}

const GAP = 2;
/** Characters of a head in several lines; the fewest that a label is shortened to. */
const HEAD = 10, LABEL = 20;
const LOOSE: Setting = { gap: GAP, head: Infinity, label: Infinity };
const CLOSE: Setting = { ...LOOSE, gap: 1 };

/**
 * The lines of a table, not wider than so many characters where that can be: spare columns are left out, then gaps become
 * narrow, heads go on in a second line and labels are shortened; then the groups stand below each other.
 */
export function alignedTable(table: TextTable, room: number): string[] {
  const few = { ...table, columns: table.columns.filter(({ spare }) => !spare) };
  const tries = [
    () => set(table, LOOSE),
    () => set(few, LOOSE),
    () => set(few, CLOSE),
    () => set(few, { ...CLOSE, head: HEAD }),
    () => labelsShortened(few, room),
  ];
  for (const attempt of tries) {
    const lines = attempt();
    if (lines && widest(lines) <= room) return lines.map((line, k) => k === 0 ? shortened(line, room) : line);
  }
  const groups = [...Map.groupBy(table.columns, ({ group }) => group).values()];
  if (groups.length > 1) return groups.flatMap((columns) => alignedTable({ ...table, columns }, room));
  return set(few, { gap: 1, head: HEAD, label: LABEL });
}

/** With labels as short as has to be, where they can still be told apart. */
function labelsShortened(table: TextTable, room: number): string[] | undefined {
  const close = { ...CLOSE, head: HEAD }, longest = Math.max(...table.labels.map(({ length }) => length));
  const label = longest - (widest(set(table, close)) - room);
  if (label < LABEL || new Set(table.labels.map((text) => shortened(text, label))).size < table.labels.length) return;
  return set(table, { ...close, label });
}

/** The title of the last group may be longer than what is below: it does not count. */
function widest([, ...lines]: readonly string[]): number {
  return Math.max(...lines.map(({ length }) => length));
}

function set({ name, labels, columns }: TextTable, { gap, head, label }: Setting): string[] {
  const texts = labels.map((text) => shortened(text, label));
  const heads = columns.map((column) => column.head.length > head ? wrapped(column.head, head) : [column.head]);
  const levels = Math.max(...heads.map(({ length }) => length));
  const first = Math.max(name.length, ...texts.map(({ length }) => length));
  const begins = columns.map(({ group }, k) => group !== columns[k - 1]?.group);
  const widths = columns.map(({ cells }, k) => Math.max(...[...heads[k], ...cells].map(({ length }) => length)));
  const titles = columns.flatMap(({ group }, k) => {
    if (!begins[k]) return [];
    const next = begins.indexOf(true, k + 1);
    if (next < 0) return [group];
    const width = () => widths.slice(k, next).reduce((sum, each) => sum + each + gap, -gap);
    widths[k] += Math.max(0, group.length - width()); // no title runs into the next one
    return [group.padEnd(width())];
  });
  const line = (left: string, cells: readonly string[]) =>
    left.padEnd(first) + cells.map((cell, k) => " ".repeat(begins[k] ? GAP : gap) + cell.padStart(widths[k])).join("");
  return [
    [name.padEnd(first), ...titles].join(" ".repeat(GAP)),
    ...Array.from(
      { length: levels },
      (_, level) => line("", heads.map((words) => words[level - levels + words.length] ?? "")),
    ),
    ...texts.map((text, row) => line(text, columns.map(({ cells }) => cells[row]))),
  ].map((text) => text.trimEnd());
}
