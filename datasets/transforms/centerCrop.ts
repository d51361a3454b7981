import type { CropBox } from "../dataset.ts";

/**
 * The evaluation crop of torchvision's Resize then CenterCrop: the shorter side becomes `size / cropRatio` pixels
 * (256 for 224), and the middle `size` x `size` is kept.
 *
 * @param size side of the result in pixels
 * @param cropRatio share of the shorter side that is kept; 1 for small images, where a square image is kept whole
 * @example
 * ```ts
 * import { centerCropBox } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const { left, width, height } = centerCropBox(512, 256, 224, 0.875);
 * deepStrictEqual([left, width, height], [144, 224, 224]);
 * ```
 */
export function centerCropBox(width: number, height: number, size: number, cropRatio = 224 / 256): CropBox {
  const shorter = Math.floor(size / cropRatio);
  const resizedWidth = width <= height ? shorter : Math.trunc(shorter * width / height);
  const resizedHeight = width <= height ? Math.trunc(shorter * height / width) : shorter;
  const scaleX = width / resizedWidth, scaleY = height / resizedHeight;
  return {
    left: roundHalfEven((resizedWidth - size) / 2) * scaleX,
    top: roundHalfEven((resizedHeight - size) / 2) * scaleY,
    width: size * scaleX,
    height: size * scaleY,
    resizeFirst: true,
  };
}

/** Rounds a multiple of 1/2 as Python's round() does; it decides which of two middle crops is taken. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor & 1) : Math.round(value);
}
