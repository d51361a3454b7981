import type { CellVerdict } from "../vocabulary.ts";
import type { Estimate } from "./statistics.ts";

/**
 * Whether a time ratio is at most the printed one. Saving more than the print holds. The doubt of the printed digits
 * counts for us, as does, from three seeds on, the 95 % interval.
 *
 * @param highest the largest ratio that the printed digits may stand for
 */
export function ratioVerdict({ mean, half }: Estimate, highest: number): CellVerdict {
  if (mean + (half ?? 0) <= highest) return "reproduced";
  return mean - (half ?? 0) > highest ? "not reproduced" : "inconclusive";
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
