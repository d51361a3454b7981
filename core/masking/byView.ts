import type { Mask } from "./randomMask.ts";

/**
 * The masks of a batch as programs of several views take them: [view][image].
 *
 * @param draw the masks of all views of an image
 */
export function masksByView(images: number, views: number, draw: (image: number) => readonly Mask[]): Mask[][] {
  const masks = Array.from({ length: images }, (_, image) => draw(image));
  return Array.from({ length: views }, (_, view) => masks.map((ofImage) => ofImage[view]));
}
