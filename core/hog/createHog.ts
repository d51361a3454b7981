import { checkCells, nesting } from "./cells.ts";
import { l2Normalize } from "./normalize.ts";
import { exactOrientationBin } from "./orientation.ts";
import { reflect } from "./sobel.ts";

/** Largest Sobel gradient of bytes: 4 * 255. */
const reach = 1020;
const side = 2 * reach + 1;
const channels = 3;

/**
 * Computes the target of one image.
 *
 * @param pixels RGB bytes, [height, width, 3] from `offset` on
 * @param out per cell size, where [cells, 3 * bins] goes, from the same image's place on
 * @param image the image's place in the batch of `out`: it starts at image * cells * 3 * bins
 */
export type Hog = (pixels: Uint8Array, offset: number, out: readonly Float32Array[], image: number) => void;

/** What a `Hog` is made for. */
export interface CreateHogOptions {
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** Cell sizes in pixels, each a multiple of the smallest. */
  cells: readonly number[];
  /** Orientation bins over [0, pi); 9 unless given. */
  bins?: number;
}

/**
 * Makes the function that computes the LocalMIM target (see `localmimHog`) straight from RGB bytes.
 *
 * Normalising the image first would change nothing: the L2 norm of every channel cancels its scale, the Sobel kernels
 * its offset. Gradients are integers here and their bins exact, so bytes and float32 differ only in pixels whose
 * orientation is the edge of a bin, where float32 rounding decides (gx = 0; with an even number of bins also gy = 0).
 * One histogram is taken, at the smallest cell; the coarser ones are sums of it.
 *
 * @throws {RangeError} when cells do not tile the image or do not nest
 * @example Two images of a batch, at two cell sizes
 * ```ts
 * import { createHog } from "@vitfreeze/vitfreeze/hog";
 * import { deepStrictEqual } from "node:assert";
 *
 * const pixels = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, i) => Math.floor(i / 3) % 8 < 4 ? 0 : 100);
 * const out = [new Float32Array(2 * 4 * 27), new Float32Array(2 * 27)]; // cells of 4 and 8 pixels
 * const hog = createHog({ height: 8, width: 8, cells: [4, 8] });
 * for (const image of [0, 1]) hog(pixels, image * 8 * 8 * 3, out, image);
 * deepStrictEqual(out[1].subarray(0, 9), Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0)); // vertical edges
 * deepStrictEqual(out[0].subarray(0, 108), out[0].subarray(108));
 * ```
 */
export function createHog({ height, width, cells, bins = 9 }: CreateHogOptions): Hog {
  checkCells(height, width, cells);
  const parts = nesting(cells), order = cells.map((_, scale) => scale).sort((a, b) => cells[a] - cells[b]);
  const sums = cells.map((cell) => new Float64Array(height / cell * (width / cell) * channels * bins));
  const accumulate = createAccumulate(height, width, cells[order[0]], bins);
  return (pixels, offset, out, image) => {
    accumulate(pixels, offset, sums[order[0]]);
    for (const scale of order) {
      const part = parts[scale], factor = cells[scale] / cells[part];
      if (part !== scale) sumBlocks(sums[part], width / cells[part], factor, channels * bins, sums[scale]);
      l2Normalize(sums[scale], bins, 1 / cells[scale] ** 2, out[scale], image * sums[scale].length);
    }
  };
}

/** Fills `histogram` [cells, 3 * bins] with the magnitudes of an image, by cell, channel and bin. */
function createAccumulate(height: number, width: number, cell: number, bins: number) {
  const row = width * channels, table = binTable(bins);
  // One row of vertical sums (1, 2, 1) and differences (1, 0, -1), with a reflected pixel at both ends.
  const smooth = new Int16Array(row + 2 * channels), difference = new Int16Array(row + 2 * channels);
  const base = Int32Array.from({ length: row }, (_, j) => {
    return (Math.floor(j / channels / cell) * channels + j % channels) * bins;
  });
  return (pixels: Uint8Array, offset: number, histogram: Float64Array): void => {
    histogram.fill(0);
    for (let y = 0; y < height; y++) {
      const above = offset + reflect(y - 1, height) * row, here = offset + y * row;
      const below = offset + reflect(y + 1, height) * row;
      for (let j = 0; j < row; j++) {
        const a = pixels[above + j], b = pixels[below + j];
        smooth[j + channels] = a + 2 * pixels[here + j] + b;
        difference[j + channels] = a - b;
      }
      padEnds(smooth, row);
      padEnds(difference, row);
      const cellRow = Math.floor(y / cell) * (width / cell) * channels * bins;
      for (let j = 0; j < row; j++) {
        const gx = smooth[j] - smooth[j + 2 * channels];
        const gy = difference[j] + 2 * difference[j + channels] + difference[j + 2 * channels];
        histogram[cellRow + base[j] + table[(gx + reach) * side + gy + reach]] += Math.sqrt(gx * gx + gy * gy);
      }
    }
  };
}

/** Reflects the pixel next to either end of a padded row into the padding. */
function padEnds(padded: Int16Array, row: number): void {
  for (let channel = 0; channel < channels; channel++) {
    padded[channel] = padded[2 * channels + channel];
    padded[row + channels + channel] = padded[row - channels + channel];
  }
}

/** Bins of all integer gradients: entry (gx + 1020) * 2041 + gy + 1020. */
function binTable(bins: number): Uint8Array {
  const table = new Uint8Array(side * side), middle = (side * side - 1) / 2;
  for (let i = 0; i <= middle; i++) {
    // Opposite gradients have one orientation.
    table[middle + i] = table[middle - i] = exactOrientationBin(
      Math.floor((middle + i) / side) - reach,
      (middle + i) % side - reach,
      bins,
    );
  }
  return table;
}

/**
 * Sums factor x factor cells into one.
 *
 * @param fine [rows, columns, depth]
 * @param coarse [rows / factor, columns / factor, depth]
 */
function sumBlocks(fine: Float64Array, columns: number, factor: number, depth: number, coarse: Float64Array): void {
  coarse.fill(0);
  const cells = fine.length / depth;
  for (let cell = 0; cell < cells; cell++) {
    const row = Math.floor(Math.floor(cell / columns) / factor), column = Math.floor(cell % columns / factor);
    const to = (row * (columns / factor) + column) * depth, from = cell * depth;
    for (let i = 0; i < depth; i++) coarse[to + i] += fine[from + i];
  }
}
