/** Row-major 2x3 matrix that maps output pixel positions to input positions: x' = a x + b y + c, y' = d x + e y + f. */
export type AffineMatrix = readonly [number, number, number, number, number, number];

/** Cubic convolution with a = -1, the kernel Pillow's geometric transforms use (its resize uses -0.5). */
function interpolate(p0: number, p1: number, p2: number, p3: number, t: number): number {
  return p1 + t * (p2 - p0 + t * (2 * (p0 - p1) + p2 - p3 + t * (-p0 + p1 - p2 + p3)));
}

/**
 * Resamples an image under an affine map with bicubic interpolation; positions outside the image become `fill`.
 *
 * @param pixels RGB u8, HWC [height, width, 3]
 * @param matrix output to input, in pixels
 * @param fill RGB
 * @returns RGB u8, HWC [height, width, 3]
 */
export function affine(
  pixels: Uint8Array,
  width: number,
  height: number,
  [a, b, c, d, e, f]: AffineMatrix,
  fill: readonly number[],
): Uint8Array {
  const out = new Uint8ClampedArray(pixels.length), columns = [0, 0, 0, 0], rows = [0, 0, 0, 0];
  const across = (row: number, channel: number, t: number) => {
    const at = row + channel;
    return interpolate(
      pixels[at + columns[0]],
      pixels[at + columns[1]],
      pixels[at + columns[2]],
      pixels[at + columns[3]],
      t,
    );
  };
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const u = a * (x + 0.5) + b * (y + 0.5) + c, v = d * (x + 0.5) + e * (y + 0.5) + f;
      if (u < 0 || u >= width || v < 0 || v >= height) {
        out.set(fill, o);
        continue;
      }
      const left = Math.floor(u - 0.5), top = Math.floor(v - 0.5), dx = u - 0.5 - left, dy = v - 0.5 - top;
      for (let k = 0; k < 4; k++) {
        columns[k] = 3 * Math.min(Math.max(left - 1 + k, 0), width - 1);
        rows[k] = 3 * width * Math.min(Math.max(top - 1 + k, 0), height - 1);
      }
      for (let ch = 0; ch < 3; ch++) {
        const value = interpolate(
          across(rows[0], ch, dx),
          across(rows[1], ch, dx),
          across(rows[2], ch, dx),
          across(rows[3], ch, dx),
          dy,
        );
        out[o + ch] = Math.trunc(value);
      }
    }
  }
  return new Uint8Array(out.buffer);
}

/**
 * The matrix of a rotation about the image's centre.
 *
 * @param degrees counter-clockwise as seen on the screen
 */
export function rotation(degrees: number, width: number, height: number): AffineMatrix {
  const angle = -degrees * Math.PI / 180, cos = Math.cos(angle), sin = Math.sin(angle);
  const x = width / 2, y = height / 2;
  return [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y];
}
