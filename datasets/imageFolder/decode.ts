import { Buffer } from "node:buffer";
import sharp from "sharp";
import { UserError } from "../../core/errors.ts";
import { decodeBmp } from "./bmp.ts";
import { diagnose, formatOf } from "./diagnose.ts";
import type { Decoded } from "./decoded.ts";
import { PixelFault } from "./pixelFault.ts";
import { decodePnm, isPnm } from "./pnm.ts";
import { tiffFault } from "./tiffFault.ts";

export type { Decoded };

// Images are decoded many at a time, so one thread for each is enough, and none is decoded twice.
sharp.cache(false);
sharp.concurrency(1);

/** Names the decoder: another one may give other pixels. */
export const DECODER = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}, stored values`;

/** Pixels of the largest image that is decoded: 300 MB of memory. The largest of ImageNet have some 60 million. */
const MOST_PIXELS = 100_000_000;

/** How an embedded colour profile is announced: in a JPEG, a PNG, a WebP; a TIFF has a tag. */
const PROFILES = ["ICC_PROFILE", "iCCP", "ICCP"].map((name) => new TextEncoder().encode(name));

/**
 * Decodes a JPEG, PNG, WebP, GIF, TIFF, BMP, PGM or PPM file to 8-bit RGB: the stored values, as torchvision's loader gives
 * them. Grey becomes three equal channels, CMYK is converted, transparency dropped; an EXIF orientation is not applied, and
 * neither is an embedded colour profile but that of CMYK.
 *
 * @param name for messages: the path inside the folder or archive
 * @throws {UserError} when it is truncated, no image, one of more than 100 million pixels, or of samples that are not 8 or 16
 * bits in 1 to 4 bands
 */
export async function decodeImage(bytes: Uint8Array, name: string): Promise<Decoded> {
  // The decoder would draw an SVG too, and read whatever else its build can.
  const format = formatOf(bytes)?.name ?? (isPnm(bytes) ? "PNM" : undefined);
  try {
    if (format === "BMP") return decodeBmp(bytes, MOST_PIXELS);
    if (format === "PNM") return decodePnm(bytes, MOST_PIXELS);
    const fault = format === "TIFF" ? tiffFault(bytes) : undefined;
    if (fault !== undefined) throw new PixelFault(fault);
  } catch (error) {
    if (error instanceof PixelFault) throw new UserError(`Cannot read image ${name}: ${error.message}`);
    throw error;
  }
  if (format === undefined) throw unreadable(bytes, name);
  try {
    const options = {
      failOn: "error",
      limitInputPixels: MOST_PIXELS,
      ignoreIcc: await hasForeignProfile(bytes, format),
    } as const;
    const { data, info } = await sharp(bytes, options)
      .toColourspace("srgb").removeAlpha().raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  } catch {
    throw await tooLarge(bytes, name) ?? unreadable(bytes, name);
  }
}

/** Whether a file has a colour profile that is not needed to make RGB of it, as that of CMYK is. */
async function hasForeignProfile(bytes: Uint8Array, format: string): Promise<boolean> {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format !== "TIFF" && !PROFILES.some((name) => head.includes(name))) return false;
  const { hasProfile, space } = await sharp(bytes).metadata();
  return hasProfile === true && space !== "cmyk";
}

function unreadable(bytes: Uint8Array, name: string): UserError {
  return new UserError(
    `Cannot read image ${name}: ${diagnose(bytes)}, want a whole JPEG, PNG, WebP, GIF, TIFF, BMP, PGM or PPM`,
  );
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
