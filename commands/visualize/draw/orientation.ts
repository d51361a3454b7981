import { l2Normalize } from "../../../core/hog/normalize.ts";

/** What of the three colour channels is drawn: their mean, or one of them. */
export type Channel = "mean" | 0 | 1 | 2;

/**
 * The orientation histogram of every cell.
 *
 * @param values [cells, 3 * bins], channels outermost
 * @returns [cells, bins]
 */
export function cellBins(values: Float32Array, bins: number, channel: Channel): Float32Array {
  return Float32Array.from({ length: values.length / 3 }, (_, i) => {
    const at = Math.floor(i / bins) * 3 * bins + i % bins;
    return channel === "mean"
      ? (values[at] + values[at + bins] + values[at + 2 * bins]) / 3
      : values[at + channel * bins];
  });
}

/**
 * Histograms with L2 norm 1 per cell and channel, by the function that normalises targets.
 *
 * @param values [cells, 3 * bins], channels outermost
 */
export function unitBins(values: Float32Array, bins: number): Float32Array {
  const unit = new Float32Array(values.length);
  l2Normalize(Float64Array.from(values), bins, 1, unit, 0);
  return unit;
}

/** The dominant edge orientation of a cell, and how strong it is. */
export interface Dominant {
  /** Radians counter-clockwise from the horizontal, in [0, pi). */
  angle: number;
  /** Length of the mean of the bins' doubled angles: 1 for one bin of 1, 0 where orientations cancel out. */
  strength: number;
}

/**
 * The dominant orientation of one histogram: the bins are added as vectors at twice their angle, so that directions which
 * differ by half a turn are the same (structure tensor of orientations). Negative values count as 0.
 *
 * @param histogram [bins] from `offset` on
 * @param angles of the edges that each bin counts, [bins]
 */
export function dominant(histogram: Float32Array, offset: number, angles: readonly number[]): Dominant {
  let x = 0, y = 0;
  for (const [bin, angle] of angles.entries()) {
    const value = Math.max(0, histogram[offset + bin]), twice = 2 * angle;
    x += value * Math.cos(twice);
    y += value * Math.sin(twice);
  }
  const angle = Math.atan2(y, x) / 2;
  return { angle: angle < 0 ? angle + Math.PI : angle, strength: Math.hypot(x, y) };
}
