import { Buffer } from "node:buffer";
import sharp from "sharp";

/** The longest side and the largest area that SVG is rendered at. */
export const LONGEST = 32_000, LARGEST = 250_000_000;

/** A figure as PNG, one pixel per unit of the SVG. */
export async function renderPng(svg: string): Promise<Uint8Array> {
  return await sharp(Buffer.from(svg), { density: 72, unlimited: true }).flatten().png().toBuffer();
}

/**
 * A square image as a data URI.
 *
 * @param pixels RGB bytes, [S, S, 3]
 */
export async function pictureUri(pixels: Uint8Array, side: number): Promise<string> {
  const png = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png().toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
}
