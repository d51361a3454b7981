import type { Random } from "../../core/random/stream.ts";

/** Rows [top, bottom) and columns [left, right). */
export interface Rectangle {
  /** First row. */
  top: number;
  /** Row behind the last one. */
  bottom: number;
  /** First column. */
  left: number;
  /** Column behind the last one. */
  right: number;
}

/**
 * Draws CutMix's rectangle (Yun et al. 2019, eq. 2): sides sqrt(1 - lam) of the image's, centre uniform, cut off at the
 * image border.
 *
 * @returns the rectangle, and lam corrected to the share of the image outside it
 */
export function cutmixBox(
  random: Random,
  height: number,
  width: number,
  lam: number,
): { box: Rectangle; lam: number } {
  const side = Math.sqrt(1 - lam);
  const halfHeight = Math.trunc(height * side) >> 1, halfWidth = Math.trunc(width * side) >> 1;
  const y = random.integer(height), x = random.integer(width);
  const box = {
    top: Math.max(y - halfHeight, 0),
    bottom: Math.min(y + halfHeight, height),
    left: Math.max(x - halfWidth, 0),
    right: Math.min(x + halfWidth, width),
  };
  return { box, lam: 1 - (box.bottom - box.top) * (box.right - box.left) / (height * width) };
}

/**
 * Exchanges a rectangle between each image and its partner in the batch's reverse order, in place.
 *
 * @param images [B, C, H, W]
 */
export function cutmix(
  images: Float32Array,
  [count, channels, height, width]: readonly [number, number, number, number],
  box: Rectangle,
): void {
  const size = channels * height * width;
  for (let i = 0; i < count >> 1; i++) {
    for (let c = 0; c < channels; c++) {
      for (let y = box.top; y < box.bottom; y++) {
        const row = (c * height + y) * width;
        const a = i * size + row, b = (count - 1 - i) * size + row;
        const kept = images.slice(a + box.left, a + box.right);
        images.copyWithin(a + box.left, b + box.left, b + box.right);
        images.set(kept, b + box.left);
      }
    }
  }
}
