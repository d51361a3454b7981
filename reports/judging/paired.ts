import type { Observation } from "./observations.ts";

/** f of the rows' values in one column, for each observation that has them all. */
export function paired(
  observations: Observation[],
  column: string,
  rows: string[],
  f: (...values: number[]) => number,
): number[] {
  const all = observations.map((seen) => rows.map((row) => seen[row]?.[column]));
  return all.filter((values) => values.every((value) => value !== undefined)).map((values) => f(...values));
}

/** Whether any observation has a value of a cell. */
export function seen(observations: Observation[], row: string, column: string): boolean {
  return observations.some((one) => one[row]?.[column] !== undefined);
}
