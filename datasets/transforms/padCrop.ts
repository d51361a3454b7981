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
 * CIFAR's augmentation: black pixels around the image, a cut of its own size, and a mirror image.
 *
 * @param planes three planes, [3, S, S]
 * @returns [3, S, S]
 */
export function padCrop(planes: Uint8Array, size: number, { padding, top, left, flip }: PadCrop): Uint8Array {
  const cut = new Uint8Array(planes.length), plane = size * size;
  for (let channel = 0; channel < 3; channel++) {
    for (let row = 0; row < size; row++) {
      const y = row + top - padding;
      if (y < 0 || y >= size) continue;
      for (let column = 0; column < size; column++) {
        const x = column + left - padding;
        if (x < 0 || x >= size) continue;
        cut[channel * plane + row * size + (flip ? size - 1 - column : column)] =
          planes[channel * plane + y * size + x];
      }
    }
  }
  return cut;
}
