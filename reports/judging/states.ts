import type { Contrast } from "./contrast.ts";
import { average, estimate } from "./statistics.ts";

/** Where a contrast lies between its bounds; `open`: nobody knows, `empty`: no seed has all rows. */
export type State = "inside" | "outside" | "open" | "empty";

/** Where a contrast lies: by its 95 % interval, by its mean for time with fewer than three seeds, else open. */
export function stateOf({ values, low, high, noisy }: Contrast): State {
  if (values.length === 0) return "empty";
  const { mean, half } = estimate(values);
  if (half === null && noisy) return "open";
  const from = mean - (half ?? 0), to = mean + (half ?? 0);
  if (to < low || from > high) return "outside";
  return from > low && to < high ? "inside" : "open";
}

/** Whether a contrast's mean lies within its bounds. */
export function holdsOnAverage({ values, low, high }: Contrast): boolean {
  const mean = average(values);
  return mean > low && mean < high;
}
