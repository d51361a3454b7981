import { readWhole } from "../../cli/files.ts";
import { type Decoded, decodeImage } from "./decode.ts";

/**
 * Reads an image file: JPEG, PNG, WebP, GIF or TIFF, as 8-bit RGB.
 *
 * @throws {UserError} when it is missing, truncated, no image, or one of more than 100 million pixels
 */
export async function readImage(path: string): Promise<Decoded> {
  return await decodeImage(await readWhole(path), path);
}
