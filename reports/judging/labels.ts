import { type PublishedWorks, tableOf } from "../sources/publishedWorks.ts";

/** How an observation names a row of another table than the one it is about, e.g. "thesis.table20.in100_100_100". */
export function rowName(table: string, row: string): string {
  return `${table}.${row}`;
}

/**
 * A row's name in words.
 *
 * @param table id of the table that the row belongs to, unless it is named with its own by `rowName`
 */
export function rowLabel(works: PublishedWorks, table: string, row: string): string {
  const other = [...works.keys()].find((id) => row.startsWith(`${id}.`));
  const key = other ? row.slice(other.length + 1) : row;
  const label = tableOf(works, other ?? table).rows.find((row) => row.key === key)?.label ?? key;
  return other ? `${label} (${other})` : label;
}
