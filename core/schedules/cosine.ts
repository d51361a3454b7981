/** A global learning-rate schedule: linear warm-up from 0, then half a cosine down to `minLr`. */
export interface CosineSchedule {
  /** The learning rate at the end of warm-up. */
  baseLr: number;
  /** The learning rate that the cosine tends to. */
  minLr: number;
  /** Length of warm-up in iterations; 0 for none. */
  warmupIterations: number;
  /** Length of the whole run in iterations, warm-up included. */
  iterations: number;
}

/**
 * Half a cosine from 1 at share 0 to exactly 0 at share 1 (thesis eq. 5, paper eq. 1, without the initial rate).
 *
 * @param share the share of the curve that is done; beyond 1 the curve stays at 0
 * @example
 * ```ts
 * import { halfCosine } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * deepStrictEqual([halfCosine(0), halfCosine(0.5).toFixed(2), halfCosine(1), halfCosine(2)], [1, "0.50", 0, 0]);
 * ```
 */
export function halfCosine(share: number): number {
  return 0.5 * (1 + Math.cos(Math.PI * Math.min(share, 1)));
}

/**
 * The global learning rate of LocalMIM, set anew in every iteration; the first iteration of a warm-up has rate 0.
 * Pre-training uses it for all that does not freeze; fine-tuning uses it before layer decay.
 *
 * @param iteration counted from 0, below `iterations`
 * @example
 * ```ts
 * import { cosineSchedule } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = { baseLr: 1, minLr: 0, warmupIterations: 10, iterations: 110 };
 * deepStrictEqual([0, 5, 10, 60].map((i) => cosineSchedule(schedule, i).toFixed(2)), ["0.00", "0.50", "1.00", "0.50"]);
 * ```
 */
export function cosineSchedule(schedule: CosineSchedule, iteration: number): number {
  const { baseLr, minLr, warmupIterations, iterations } = schedule;
  if (iteration < warmupIterations) return baseLr * iteration / warmupIterations;
  const share = (iteration - warmupIterations) / (iterations - warmupIterations);
  return minLr + (baseLr - minLr) * halfCosine(share);
}
