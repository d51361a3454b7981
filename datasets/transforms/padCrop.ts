import { flipHorizontal } from "./flip.ts";

/** Where an image is cut out of itself with a black edge around it. */
export interface PadCrop {
  /** Black pixels on each side. */
  padding: number;
  /** First row and column of the cut, from 0 to twice the padding. */
  top: number;
  left: number;
  /** Whether it is mirrored left to right afterwards. */
  flip: boolean;
}

/**
 * CIFAR's augmentation (FreezeOut's utils.py): black pixels around the image, a cut of its own size, and a mirror image.
 *
 * @param pixels RGB u8, HWC [S, S, 3]
 * @returns RGB u8, HWC [S, S, 3]
 */
export function padCrop(pixels: Uint8Array, size: number, { padding, top, left, flip }: PadCrop): Uint8Array {
  const cut = new Uint8Array(pixels.length), first = Math.max(0, padding - left), shift = left - padding;
  const kept = size - Math.abs(shift);
  for (let row = 0; row < size; row++) {
    const y = row + top - padding;
    if (y < 0 || y >= size || kept <= 0) continue;
    const from = (y * size + first + shift) * 3;
    cut.set(pixels.subarray(from, from + kept * 3), (row * size + first) * 3);
  }
  if (flip) flipHorizontal(cut, size);
  return cut;
}
