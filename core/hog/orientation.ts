/** Pi as float32. */
const pi = Math.fround(Math.PI);

/** The orientation in units of one bin, in [-bins, bins], in float32: atan2(gx, gy) / pi * bins. */
export function orientation(gx: number, gy: number, bins: number): number {
  return Math.fround(Math.fround(Math.fround(Math.atan2(gx, gy)) / pi) * bins);
}

/**
 * Orientation bin of a gradient, unsigned (modulo pi) and in float32; the angle is counted from the vertical gradient.
 *
 * A gradient with gx = 0 lies on the edge of bin 0, so what rounding left in gx decides between bin 0 and the last bin.
 *
 * @param bins number of bins over [0, pi)
 */
export function orientationBin(gx: number, gy: number, bins: number): number {
  return (Math.floor(orientation(gx, gy, bins)) % bins + bins) % bins;
}

/**
 * Orientation bin of an integer gradient, exact: gx = 0 is always bin 0.
 *
 * A bin edge k * 180 / bins degrees has a rational slope only at multiples of 45 degrees (Niven); any other slope of
 * integers up to 1020 is further than 1e-9 bins from an edge, so a float64 angle rounded at that distance is exact.
 */
export function exactOrientationBin(gx: number, gy: number, bins: number): number {
  const down = gx < 0 || (gx === 0 && gy < 0);
  const position = Math.atan2(Math.abs(gx), down ? -gy : gy) / Math.PI * bins, nearest = Math.round(position);
  return (Math.abs(position - nearest) < 1e-9 ? nearest : Math.floor(position)) % bins;
}
