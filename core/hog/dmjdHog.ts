import { checkCells } from "./cells.ts";
import { exactOrientationBin } from "./orientation.ts";

/** What the DMJD histogram is taken over. */
export interface DmjdHogOptions {
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** Cell size in pixels, a divisor of height and width. */
  cell?: number;
  /** Colours of the picture; 3 unless given. */
  channels?: number;
  /** Orientation bins over [0, pi). */
  bins?: number;
}

/**
 * The histogram of DMJD's target (Ma et al. 2023, in the form of the released code): per channel, central
 * differences that are 0 on the image's border, each pixel's whole magnitude in one of `bins` unsigned orientations
 * counted from the horizontal gradient, mean over the cell.
 *
 * @param pixels bytes before any normalisation, [channels, height, width]
 * @returns [channels, height / cell, width / cell, bins]
 * @throws {RangeError} when the cell size does not divide the image
 * @example An upright edge in one grey channel
 * ```ts
 * import { dmjdHog } from "@vitfreeze/vitfreeze/hog";
 * import { deepStrictEqual } from "node:assert";
 *
 * const pixels = Uint8Array.from({ length: 8 * 8 }, (_, i) => i % 8 < 4 ? 0 : 64);
 * const histogram = dmjdHog(pixels, { height: 8, width: 8, channels: 1 });
 * deepStrictEqual(histogram[0], 16); // 2 columns of 8 pixels with gradient 64, over 64 pixels
 * deepStrictEqual(histogram.slice(1).every((value) => value === 0), true);
 * ```
 */
export function dmjdHog(
  pixels: ArrayLike<number>,
  { height, width, cell = 8, channels = 3, bins = 9 }: DmjdHogOptions,
): Float32Array {
  checkCells(height, width, [cell]);
  const rows = height / cell, columns = width / cell;
  const sums = new Float64Array(channels * rows * columns * bins);
  for (let i = 0; i < channels * height * width; i++) {
    const x = i % width, line = Math.floor(i / width), y = line % height, channel = Math.floor(line / height);
    const gx = x > 0 && x < width - 1 ? pixels[i + 1] - pixels[i - 1] : 0;
    const gy = y > 0 && y < height - 1 ? pixels[i + width] - pixels[i - width] : 0;
    const at = (channel * rows + Math.floor(y / cell)) * columns + Math.floor(x / cell);
    sums[at * bins + exactOrientationBin(gy, gx, bins)] += Math.sqrt(gx * gx + gy * gy);
  }
  return Float32Array.from(sums, (sum) => sum / cell ** 2);
}

/**
 * LayerNorm without affine parameters over every run of `bins` numbers, eps 1e-5.
 *
 * @param histogram [... * bins]; an empty cell gives zeros
 * @example
 * ```ts
 * import { whitenBins } from "@vitfreeze/vitfreeze/hog";
 * import { deepStrictEqual } from "node:assert";
 *
 * const white = whitenBins([1, 3, 1, 3], 4);
 * deepStrictEqual(Array.from(white, (value) => value.toFixed(3)), ["-1.000", "1.000", "-1.000", "1.000"]);
 * ```
 */
export function whitenBins(histogram: ArrayLike<number>, bins = 9): Float32Array {
  const white = new Float32Array(histogram.length);
  for (let start = 0; start < histogram.length; start += bins) {
    let mean = 0, variance = 0;
    for (let i = start; i < start + bins; i++) mean += histogram[i] / bins;
    for (let i = start; i < start + bins; i++) variance += (histogram[i] - mean) ** 2 / bins;
    for (let i = start; i < start + bins; i++) white[i] = (histogram[i] - mean) / Math.sqrt(variance + 1e-5);
  }
  return white;
}
