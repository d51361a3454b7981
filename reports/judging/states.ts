import type { Contrast } from "./contrast.ts";
import { average, estimate, MISSES } from "./statistics.ts";

/** Where a contrast lies between its bounds; `few`: too few seeds to tell, `empty`: no seed has all rows. */
export type State = "inside" | "outside" | "open" | "few" | "empty";

/**
 * Where contrasts lie, by their t intervals. All have to lie inside for a claim to hold, each by its 95 % interval: no
 * correction is needed, for all of them have to err. One outside refutes it, so with many one would often be outside by chance:
 * an interval to refute by misses 0.05 divided by the number of contrasts at most (the first step of Holm's correction, which
 * decides whether any is refuted).
 *
 * @param wanted seeds that a contrast needs
 */
export function statesOf(contrasts: readonly Contrast[], wanted: (contrast: Contrast) => number): State[] {
  const misses = refutesBy(contrasts, wanted);
  return contrasts.map((contrast): State => {
    const { values, low, high } = contrast;
    if (values.length === 0) return "empty";
    if (values.length < wanted(contrast)) return "few";
    const { mean, half } = estimate(values), { half: wide } = estimate(values, misses);
    if (mean + wide! < low || mean - wide! > high) return "outside";
    return mean - half! > low && mean + half! < high ? "inside" : "open";
  });
}

/** How often an interval that refutes one of these contrasts misses at most. */
export function refutesBy(contrasts: readonly Contrast[], wanted: (contrast: Contrast) => number): number {
  return MISSES / contrasts.filter((contrast) => contrast.values.length >= wanted(contrast)).length;
}

/** Whether a contrast's mean lies within its bounds. */
export function holdsOnAverage({ values, low, high }: Contrast): boolean {
  const mean = average(values);
  return mean > low && mean < high;
}
