import type { HogBounds } from "./hogBounds.ts";

/**
 * How far a normalised target is from every histogram that rounding could have led to.
 *
 * The target fixes a histogram up to its scale; the sum of magnitudes, which rounding moves between bins but does not
 * change, fixes the scale. Every bin must then lie between its bounds. A target that is off in a bin that no open pixel
 * touches, or by more than the open pixels' magnitude, is not explained.
 *
 * @param target the fixture's histogram: `bins` numbers from `start` on
 * @param cell index of the cell in the bounds
 * @returns the largest violation in units of the target, 0 when rounding explains it
 */
export function unexplainedError(
  target: ArrayLike<number>,
  start: number,
  { low, high, total, noise }: HogBounds,
  cell: number,
  bins: number,
): number {
  const values = Array.from({ length: bins }, (_, bin) => target[start + bin]);
  const norm = Math.hypot(...values), share = values.reduce((sum, value) => sum + value, 0);
  // Nothing but rounding in this cell: zeros, or a unit vector of any direction.
  if (total[cell] <= noise[cell]) return Math.min(norm, Math.abs(norm - 1));
  const scale = total[cell] / share;
  let worst = 0;
  for (let bin = 0; bin < bins; bin++) {
    const magnitude = values[bin] * scale, at = cell * bins + bin;
    worst = Math.max(worst, low[at] - magnitude, magnitude - high[at]);
  }
  return Math.max(Math.max(0, worst - noise[cell]) / scale, Math.abs(norm - 1));
}
