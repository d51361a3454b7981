import type { CellVerdict } from "../vocabulary.ts";
import { type Change, isSteady } from "./machine.ts";
import type { Estimate } from "./statistics.ts";

/** How much longer a time ratio may be than the printed one: the author's logs of rows that print 0.875 have 0.873 and 0.881. */
const RATIO_TOLERANCE = 0.01;

/**
 * Whether a time ratio is at most the printed one, by its 95 % interval: saving more than the print holds. It is open below
 * three paired seeds or repeats, and where the machine took other times for the same work.
 *
 * @param change by how much, at worst
 */
export function ratioVerdict({ mean, half }: Estimate, printed: number, change: Change): CellVerdict {
  const highest = printed + RATIO_TOLERANCE;
  if (half === null || !isSteady(change)) return "inconclusive";
  if (mean + half <= highest) return "reproduced";
  return mean - half > highest ? "not reproduced" : "inconclusive";
}

/**
 * Whether a value at the published scale lies within the tolerance of the printed one, by its 95 % interval. Below three
 * seeds it stays open.
 */
export function valueVerdict({ mean, half }: Estimate, printed: number, tolerance: number): CellVerdict {
  if (half === null) return "inconclusive";
  const distance = Math.abs(mean - printed);
  if (distance + half <= tolerance) return "reproduced";
  return distance - half > tolerance ? "not reproduced" : "inconclusive";
}

/** The numbers that round to a printed one: 0.42 stands for 0.415 to 0.425. */
export function printedRange(printed: number): { low: number; high: number } {
  const decimals = String(printed).split(".")[1]?.length ?? 0;
  const half = 0.5 * 10 ** -decimals;
  return { low: printed - half, high: printed + half };
}
