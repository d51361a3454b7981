import { numberFlag } from "./args.ts";

/**
 * Reads a flag's value as a whole number.
 *
 * @param name the flag, for the error message
 * @param text what stood on the command line
 * @throws {UserError} unless it is one from `low` to `high`
 */
export function wholeFlag(name: string, text: unknown, low: number, high = Infinity): number {
  const accept = (value: number) => Number.isInteger(value) && value >= low && value <= high;
  return numberFlag(name, text, accept, `a whole number from ${low}${high === Infinity ? "" : ` to ${written(high)}`}`);
}

/** A large power of ten as one: "10^9". */
function written(high: number): string {
  const power = Math.log10(high);
  return Number.isInteger(power) && power > 4 ? `10^${power}` : String(high);
}
