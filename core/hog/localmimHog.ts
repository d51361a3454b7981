import { checkCells } from "./cells.ts";
import { l2Normalize } from "./normalize.ts";
import { orientationBin } from "./orientation.ts";
import { sobel } from "./sobel.ts";

/** What the HOG of an image is taken over. */
export interface HogOptions {
  /** In pixels. */
  height: number;
  /** In pixels. */
  width: number;
  /** Cell sizes in pixels, each a divisor of height and width. */
  cells: readonly number[];
  /** Colours of the picture; 3 unless given. */
  channels?: number;
  /** Orientation bins over [0, pi). */
  bins?: number;
  /** Added to every gradient: [to gx, to gy]. */
  bias?: readonly [number, number];
  /** Factors on every pixel's magnitude, [height * width]; 1 unless given. */
  factors?: ArrayLike<number>;
}

/**
 * The LocalMIM target in float32: per channel, Sobel gradients with reflect padding, each pixel's whole magnitude in one
 * of `bins` unsigned orientations, mean over the cell, L2 norm 1 over the bins (LocalMIM, Wang et al. 2023; thesis, section 3.3).
 *
 * It serves as the reference; `createHog` computes the same target from bytes, exactly and much faster.
 *
 * @param pixels [channels, height, width]
 * @returns per cell size [cells in rows * cells in columns, channels * bins], cells row-major, channels outermost
 * @throws {RangeError} when a cell size does not divide the image
 * @example An upright edge in one grey channel
 * ```ts
 * import { localmimHog } from "@vitfreeze/vitfreeze/hog";
 * import { deepStrictEqual } from "node:assert";
 *
 * const pixels = Float32Array.from({ length: 8 * 8 }, (_, i) => i % 8 < 4 ? 0 : 1);
 * const [target] = localmimHog(pixels, { height: 8, width: 8, cells: [8], channels: 1 });
 * deepStrictEqual(target, Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0));
 * ```
 */
export function localmimHog(
  pixels: ArrayLike<number>,
  { height, width, cells, channels = 3, bins = 9, bias, factors }: HogOptions,
): Float32Array[] {
  checkCells(height, width, cells);
  const sums = cells.map((cell) => new Float64Array(height / cell * (width / cell) * channels * bins));
  for (let channel = 0; channel < channels; channel++) {
    const plane = Float32Array.from({ length: height * width }, (_, i) => pixels[channel * height * width + i]);
    const { gx, gy } = sobel(plane, height, width, bias);
    for (let i = 0; i < plane.length; i++) {
      const bin = channel * bins + orientationBin(gx[i], gy[i], bins),
        magnitude = Math.hypot(gx[i], gy[i]) * (factors?.[i] ?? 1);
      const y = Math.floor(i / width), x = i % width;
      cells.forEach((cell, scale) => {
        const at = Math.floor(y / cell) * (width / cell) + Math.floor(x / cell);
        sums[scale][at * channels * bins + bin] += magnitude;
      });
    }
  }
  return sums.map((sum, scale) => {
    const target = new Float32Array(sum.length);
    l2Normalize(sum, bins, 1 / cells[scale] ** 2, target, 0);
    return target;
  });
}
