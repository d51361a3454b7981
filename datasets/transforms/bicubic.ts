import type { CropBox } from "../dataset.ts";

/** Fixed-point weights carry this many fractional bits (8 bits of pixel and 2 of overshoot fit beside them in 32). */
const PRECISION = 22;

/** The input pixels and weights of every output pixel along one axis; output i reads `count[i]` pixels at `first[i]`. */
interface Taps {
  stride: number;
  first: Int32Array;
  count: Int32Array;
  weights: Int32Array;
}

/** Keys' cubic convolution kernel with a = -0.5 (IEEE Trans. ASSP 29, 1981, eq. 15). */
function cubic(distance: number): number {
  const a = -0.5, x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/**
 * Weights of one axis. When the axis shrinks, the kernel is widened by the same factor (antialiasing).
 *
 * @param start where the box starts, relative to `low`
 * @param extent length of the box
 * @param low first input pixel the filter may see
 * @param length how many input pixels it may see
 * @param outSize output pixels
 */
function axisTaps(start: number, extent: number, low: number, length: number, outSize: number): Taps {
  const scale = extent / outSize, widening = Math.max(scale, 1), support = 2 * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outSize), count = new Int32Array(outSize), weights = new Int32Array(outSize * stride);
  const row = new Float64Array(stride);
  for (let i = 0; i < outSize; i++) {
    const centre = start + (i + 0.5) * scale;
    const from = Math.max(Math.trunc(centre - support + 0.5), 0);
    const taps = Math.min(Math.trunc(centre + support + 0.5), length) - from;
    let sum = 0;
    for (let k = 0; k < taps; k++) sum += row[k] = cubic((from + k - centre + 0.5) / widening);
    for (let k = 0; k < taps; k++) {
      const weight = row[k] / sum * (1 << PRECISION);
      weights[i * stride + k] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    first[i] = low + from;
    count[i] = taps;
  }
  return { stride, first, count, weights };
}

function toByte(sum: number): number {
  const value = sum >> PRECISION;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Filters rows `top` … `top + rows - 1` along x. Returns [rows, taps.first.length, 3]. */
function filterRows(pixels: Uint8Array, width: number, top: number, rows: number, taps: Taps): Uint8Array {
  const { stride, first, count, weights } = taps, outWidth = first.length;
  const out = new Uint8Array(rows * outWidth * 3);
  for (let y = 0, o = 0; y < rows; y++) {
    for (let x = 0; x < outWidth; x++, o += 3) {
      let r = 1 << (PRECISION - 1), g = r, b = r;
      let at = ((top + y) * width + first[x]) * 3;
      for (let k = x * stride, end = k + count[x]; k < end; k++, at += 3) {
        const weight = weights[k];
        r += pixels[at] * weight;
        g += pixels[at + 1] * weight;
        b += pixels[at + 2] * weight;
      }
      out[o] = toByte(r);
      out[o + 1] = toByte(g);
      out[o + 2] = toByte(b);
    }
  }
  return out;
}

/** Filters along y; row 0 of `pixels` is row `top` of the image. Returns [taps.first.length, rowBytes]. */
function filterColumns(pixels: Uint8Array, rowBytes: number, top: number, taps: Taps): Uint8Array {
  const { stride, first, count, weights } = taps;
  const out = new Uint8Array(first.length * rowBytes), sums = new Int32Array(rowBytes);
  for (let y = 0; y < first.length; y++) {
    sums.fill(1 << (PRECISION - 1));
    for (let k = 0; k < count[y]; k++) {
      const weight = weights[y * stride + k], at = (first[y] - top + k) * rowBytes;
      for (let x = 0; x < rowBytes; x++) sums[x] += pixels[at + x] * weight;
    }
    for (let x = 0; x < rowBytes; x++) out[y * rowBytes + x] = toByte(sums[x]);
  }
  return out;
}

/**
 * Cuts a box out of an image and resizes it with an antialiased bicubic filter (a = -0.5), first along x, then along y,
 * rounded to u8 after each, in 22-bit fixed point: the bytes are those of Pillow 11's `Image.resize(…, BICUBIC)`.
 *
 * @param pixels RGB u8, HWC [height, width, 3]
 * @param box the part to keep; without `resizeFirst` whole pixels inside the image
 * @returns RGB u8, HWC [outHeight, outWidth, 3]
 */
export function resampleBicubic(
  pixels: Uint8Array,
  width: number,
  height: number,
  box: CropBox,
  outWidth: number,
  outHeight: number,
): Uint8Array {
  const { left, top, resizeFirst } = box;
  const xTaps = resizeFirst
    ? axisTaps(left, box.width, 0, width, outWidth)
    : axisTaps(0, box.width, left, box.width, outWidth);
  const yTaps = resizeFirst
    ? axisTaps(top, box.height, 0, height, outHeight)
    : axisTaps(0, box.height, top, box.height, outHeight);
  const firstRow = yTaps.first[0], rows = yTaps.first[outHeight - 1] + yTaps.count[outHeight - 1] - firstRow;
  return filterColumns(filterRows(pixels, width, firstRow, rows, xTaps), outWidth * 3, firstRow, yTaps);
}
