import { numberFlag } from "../../cli/args.ts";

/**
 * Reads a flag's value as a whole number.
 *
 * @throws {UserError} unless it is one from `low` to `high`
 */
export function count(flag: string, value: unknown, low: number, high = 1e9): number {
  const wanted = high < 1e9 ? `a whole number from ${low} to ${high}` : `a whole number from ${low}`;
  return numberFlag(flag, value, (n) => Number.isInteger(n) && n >= low && n <= high, wanted);
}
