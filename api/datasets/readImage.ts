import { readWhole } from "../../cli/files.ts";
import { type Decoded, decodeImage } from "../../datasets/imageFolder/decode.ts";

/**
 * Pixels of a JPEG, PNG, WebP, GIF or TIFF file: RGB bytes, [height, width, 3].
 *
 * @throws {UserError} when it cannot be read, or is no such picture
 */
export async function readImage(path: string): Promise<Decoded> {
  return await decodeImage(await readWhole(path), path);
}
