import type { SeedObservations } from "./observations.ts";

/** f of the rows' values in one column, once for each seed that has them all in one observation. */
export function paired(
  seeds: readonly SeedObservations[],
  column: string,
  rows: string[],
  f: (...values: number[]) => number,
): number[] {
  return seeds.flatMap((observations) => {
    const all = observations.map((seen) => rows.map((row) => seen[row]?.[column]));
    const whole = all.find((values) => values.every((value) => value !== undefined));
    return whole ? [f(...whole as number[])] : [];
  });
}

/** Whether any observation has a value of a cell. */
export function seen(seeds: readonly SeedObservations[], row: string, column: string): boolean {
  return seeds.some((observations) => observations.some((one) => one[row]?.[column] !== undefined));
}
