import { orientation } from "../../core/hog/orientation.ts";
import { reflect, sobel } from "../../core/hog/sobel.ts";

/** What the histogram of one channel can be, whatever order its float32 sums are taken in. */
export interface HogBounds {
  /** Magnitude that is certainly in a bin, [cells, bins]. */
  low: Float64Array;
  /** Magnitude that can be in a bin, [cells, bins]. */
  high: Float64Array;
  /** Sum of the magnitudes of a cell, [cells]. */
  total: Float64Array;
  /** Sum of what rounding can change in the magnitudes of a cell, [cells]. */
  noise: Float64Array;
  /** Pixels of a cell whose bin rounding decides, [cells]. */
  open: Int32Array;
}

/**
 * Bounds on the histogram sums of one channel.
 *
 * Nine float32 terms of at most 2 |pixel| each carry a rounding error of at most 9 * 2^-24 * sum |term|, so a gradient
 * component is known to 2^-20 * (4 * largest neighbour + |bias|). A pixel whose orientation is nearer to the edge of a bin
 * than that (above all gx = 0) may fall on either side of it.
 */
export function hogBounds(
  plane: Float32Array,
  height: number,
  width: number,
  cell: number,
  bins: number,
  bias: readonly [number, number],
): HogBounds {
  const columns = width / cell, cells = height / cell * columns;
  const bounds: HogBounds = {
    low: new Float64Array(cells * bins),
    high: new Float64Array(cells * bins),
    total: new Float64Array(cells),
    noise: new Float64Array(cells),
    open: new Int32Array(cells),
  };
  const { gx, gy } = sobel(plane, height, width, bias);
  const offset = Math.max(Math.abs(bias[0]), Math.abs(bias[1]));
  for (let i = 0; i < plane.length; i++) {
    const y = Math.floor(i / width), x = i % width, at = Math.floor(y / cell) * columns + Math.floor(x / cell);
    const rounding = 2 ** -20 * (4 * largestNeighbour(plane, height, width, y, x) + offset);
    const magnitude = Math.hypot(gx[i], gy[i]), possible = possibleBins(gx[i], gy[i], rounding, bins);
    bounds.total[at] += magnitude;
    bounds.noise[at] += 2 * rounding;
    if (possible.length > 1) bounds.open[at]++;
    else bounds.low[at * bins + possible[0]] += magnitude;
    for (const bin of possible) bounds.high[at * bins + bin] += magnitude;
  }
  return bounds;
}

function largestNeighbour(plane: Float32Array, height: number, width: number, y: number, x: number): number {
  let largest = 0;
  for (let dy = -1; dy <= 1; dy++) {
    const row = reflect(y + dy, height) * width;
    for (let dx = -1; dx <= 1; dx++) largest = Math.max(largest, Math.abs(plane[row + reflect(x + dx, width)]));
  }
  return largest;
}

/** The bins in which a gradient known to within `rounding` can lie. */
function possibleBins(gx: number, gy: number, rounding: number, bins: number): number[] {
  if (gx === 0 && gy === 0 && rounding === 0) return [0];
  const angle = 2 * rounding / Math.hypot(gx, gy), position = orientation(gx, gy, bins);
  // Beside the gradient's error, atan2, the division and the product each round to float32 once.
  const error = angle / Math.PI * bins + bins * 2 ** -21;
  if (!(error < 0.5)) return Array.from({ length: bins }, (_, bin) => bin);
  const first = Math.floor(position - error), last = Math.floor(position + error);
  const wrap = (bin: number) => (bin + 2 * bins) % bins;
  return first === last ? [wrap(first)] : [wrap(first), wrap(last)];
}
