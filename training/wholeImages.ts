import type { ImageSplit } from "../datasets/dataset.ts";
import { centerCropBox } from "../datasets/transforms/centerCrop.ts";

/** Images that are read at once. */
const AT_ONCE = 256;

/** All images of a split in memory. */
export interface WholeImages {
  /** RGB bytes, [N, S, S, 3]. */
  pixels: Uint8Array;
  /** Class of every image, [N]. */
  labels: Int32Array;
}

/**
 * Reads every image of a split once, whole: the middle square, brought to `size` pixels (bicubic) where it is of another size.
 *
 * @param pause is awaited between some images and the next
 */
export async function wholeImages(
  split: ImageSplit,
  size: number,
  pause: () => Promise<void>,
): Promise<WholeImages> {
  const bytes = size * size * 3, pixels = new Uint8Array(split.length * bytes);
  for (let first = 0; first < split.length; first += AT_ONCE) {
    await pause();
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, split.length - first) }, async (_, i) => {
      const image = await split.load(first + i), box = centerCropBox(image.width, image.height, size, 1);
      pixels.set(await image.crop(box, size), (first + i) * bytes);
    }));
  }
  return { pixels, labels: split.labels };
}
