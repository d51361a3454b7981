import sharp from "sharp";
import { UserError } from "../../core/errors.ts";
import { diagnose } from "./diagnose.ts";

/** Decoded pixels, RGB u8, HWC [height, width, 3]. */
export interface Decoded {
  pixels: Uint8Array;
  width: number;
  height: number;
}

// Images are decoded many at a time, so one thread for each is enough, and none is decoded twice.
sharp.cache(false);
sharp.concurrency(1);

/** Names the decoder: another one may give other pixels. */
export const DECODER = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;

/**
 * Decodes a JPEG, PNG, WebP, GIF or TIFF file to 8-bit sRGB. Grey becomes three equal channels, CMYK is converted,
 * transparency dropped, and an EXIF orientation not applied (as torchvision's loader).
 *
 * @param name for messages: the path inside the folder or archive
 * @throws {UserError} when it is truncated or no image
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Decoded> {
  try {
    const { data, info } = await sharp(bytes, { failOn: "error" })
      .toColourspace("srgb").removeAlpha().raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  } catch {
    throw new UserError(`Cannot read image ${name}: ${diagnose(bytes)}, want a whole JPEG, PNG, WebP, GIF or TIFF`);
  }
}
