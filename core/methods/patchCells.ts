/*
 * Predictions of patches in the form in which they are drawn: cells row-major, channels outermost; see `MethodView`.
 */

/**
 * Pixels of patches.
 *
 * @param values [N, 3*p*p], each patch ordered (row, column, channel)
 * @param length numbers of a patch
 * @returns [N, 3*p*p], each patch ordered (channel, row, column)
 */
export function pixelCells(values: Float32Array, length: number): Float32Array {
  const cells = new Float32Array(values.length), pixels = length / 3;
  for (let first = 0; first < values.length; first += length) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let c = 0; c < 3; c++) cells[first + c * pixels + pixel] = values[first + 3 * pixel + c];
    }
  }
  return cells;
}

/** The order of a patch's histograms. */
export interface HogOrder {
  /** Cells per side of a patch, and bins of a histogram. */
  cells: number;
  bins: number;
  /** Place of a number among those of its patch. */
  place(row: number, column: number, bin: number, channel: number): number;
}

/**
 * Histograms of patches.
 *
 * @param values [N, C], a patch's in some order of its own
 * @param grid patches per side
 * @returns [(grid * cells) ** 2, 3 * bins]
 */
export function hogCells(values: Float32Array, grid: number, { cells, bins, place }: HogOrder): Float32Array {
  const side = grid * cells, found = new Float32Array(values.length), each = cells ** 2 * bins * 3;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const first = (Math.floor(y / cells) * grid + Math.floor(x / cells)) * each, at = (y * side + x) * 3 * bins;
      for (let c = 0; c < 3; c++) {
        for (let bin = 0; bin < bins; bin++) {
          found[at + c * bins + bin] = values[first + place(y % cells, x % cells, bin, c)];
        }
      }
    }
  }
  return found;
}
