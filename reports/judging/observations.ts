import type { AuthorsCell } from "../vocabulary.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";

/** Values by row and column that belong together: all of one seed and environment, or all of one publication. */
export type Observation = Partial<Record<string, Partial<Record<string, number>>>>;

/**
 * What one seed's runs measured: an observation for each environment in which they were made, the one to be preferred
 * first. Only values of one observation are compared, and a seed counts once.
 */
export type SeedObservations = readonly Observation[];

/** The numbers of a published table as one observation. */
export function publishedObservation(table: PublishedTable): Observation {
  return Object.fromEntries(table.rows.map(({ key, values }) => {
    const numbers = Object.entries(values).filter((entry): entry is [string, number] => typeof entry[1] === "number");
    return [key, Object.fromEntries(numbers)];
  }));
}

/** What the author's logs say about one table, as one observation. */
export function authorsObservation(cells: Pick<AuthorsCell, "row" | "column" | "value">[]): Observation {
  const rows = Object.entries(Object.groupBy(cells, ({ row }) => row));
  return Object.fromEntries(
    rows.map(([row, cells = []]) => [row, Object.fromEntries(cells.map(({ column, value }) => [column, value]))]),
  );
}
