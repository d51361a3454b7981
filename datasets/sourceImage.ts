import type { SourceImage } from "./dataset.ts";
import { resampleBicubic } from "./transforms/bicubic.ts";

/**
 * A decoded image in memory.
 *
 * @param pixels RGB u8, HWC [height, width, 3]; kept, not copied
 * @example
 * ```ts
 * import { decodedImage } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const image = decodedImage(new Uint8Array(6 * 4 * 3).fill(7), 6, 4);
 * const pixels = await image.crop({ left: 1, top: 0, width: 4, height: 4 }, 2);
 * deepStrictEqual(pixels, new Uint8Array(2 * 2 * 3).fill(7));
 * ```
 */
export function decodedImage(pixels: Uint8Array, width: number, height: number): SourceImage {
  return { width, height, crop: (box, size) => resampleBicubic(pixels, width, height, box, size, size) };
}
