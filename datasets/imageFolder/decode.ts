import sharp from "sharp";
import { UserError } from "../../core/errors.ts";
import { diagnose, formatOf } from "./diagnose.ts";

/** Decoded pixels, RGB u8, HWC [height, width, 3]. */
export interface Decoded {
  /** [height, width, 3] */
  pixels: Uint8Array;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
}

// Images are decoded many at a time, so one thread for each is enough, and none is decoded twice.
sharp.cache(false);
sharp.concurrency(1);

/** Names the decoder: another one may give other pixels. */
export const DECODER = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;

/** Pixels of the largest image that is decoded: 300 MB of memory. The largest of ImageNet have some 60 million. */
const MOST_PIXELS = 100_000_000;

/**
 * Decodes a JPEG, PNG, WebP, GIF or TIFF file to 8-bit sRGB. Grey becomes three equal channels, CMYK is converted,
 * transparency dropped, and an EXIF orientation not applied (as torchvision's loader).
 *
 * @param name for messages: the path inside the folder or archive
 * @throws {UserError} when it is truncated, no image, or one of more than 100 million pixels
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Decoded> {
  // The decoder would draw an SVG too, and read whatever else its build can.
  if (!formatOf(bytes)) throw unreadable(bytes, name);
  try {
    const { data, info } = await sharp(bytes, { failOn: "error", limitInputPixels: MOST_PIXELS })
      .toColourspace("srgb").removeAlpha().raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  } catch {
    throw await tooLarge(bytes, name) ?? unreadable(bytes, name);
  }
}

function unreadable(bytes: Uint8Array, name: string): UserError {
  return new UserError(`Cannot read image ${name}: ${diagnose(bytes)}, want a whole JPEG, PNG, WebP, GIF or TIFF`);
}

async function tooLarge(bytes: Uint8Array, name: string): Promise<UserError | undefined> {
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (width * height <= MOST_PIXELS) return undefined;
    return new UserError(`Cannot read image ${name}: it has ${width} x ${height} pixels, want at most ${MOST_PIXELS}`);
  } catch {
    return undefined; // it is damaged
  }
}
