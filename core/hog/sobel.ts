/** Index of a reflected position: -1 is 1, n is n - 2. */
export function reflect(i: number, n: number): number {
  return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
}

/** Horizontal Sobel kernel, row-major: left minus right. */
export const kernelX = [1, 0, -1, 2, 0, -2, 1, 0, -1];
/** Vertical Sobel kernel, row-major: top minus bottom. */
export const kernelY = [1, 2, 1, 0, 0, 0, -1, -2, -1];

/** Gradients of one channel. */
export interface Gradients {
  /** Left minus right, [height * width]. */
  gx: Float32Array;
  /** Top minus bottom, [height * width]. */
  gy: Float32Array;
}

/**
 * Sobel gradients with reflect padding.
 *
 * Every sum runs over the kernel row by row and is rounded to float32 after each term, as a float32 convolution does it:
 * where the exact gradient is 0, the sign of what rounding leaves decides the orientation bin.
 *
 * @param plane one channel, [height * width]
 * @param bias added to both gradients, as the last term: [of gx, of gy]
 */
export function sobel(
  plane: ArrayLike<number>,
  height: number,
  width: number,
  bias: readonly [number, number] = [0, 0],
): Gradients {
  const gx = new Float32Array(height * width), gy = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sumX = 0, sumY = 0;
      for (let k = 0; k < 9; k++) {
        const row = reflect(y + Math.floor(k / 3) - 1, height), column = reflect(x + k % 3 - 1, width);
        const pixel = plane[row * width + column];
        sumX = Math.fround(sumX + kernelX[k] * pixel);
        sumY = Math.fround(sumY + kernelY[k] * pixel);
      }
      gx[y * width + x] = sumX + Math.fround(bias[0]);
      gy[y * width + x] = sumY + Math.fround(bias[1]);
    }
  }
  return { gx, gy };
}
