import type { SourceImage } from "./dataset.ts";
import { resampleBicubic } from "./transforms/bicubic.ts";

/**
 * A decoded image in memory.
 *
 * @param pixels RGB u8, HWC [height, width, 3]; kept, not copied
 */
export function decodedImage(pixels: Uint8Array, width: number, height: number): SourceImage {
  return { width, height, crop: (box, size) => resampleBicubic(pixels, width, height, box, size, size) };
}
