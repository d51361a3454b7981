import { createHash } from "node:crypto";
import type { ImageSplit } from "../datasets/dataset.ts";

/** First digits of the SHA-256 of bytes. */
export const shortHash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** An image of a split at its own size. */
export async function pixelsOf(split: ImageSplit, index: number): Promise<Uint8Array> {
  const image = await split.load(index);
  return await image.crop({ left: 0, top: 0, width: image.width, height: image.height }, image.width);
}

/** All images of a split at their own sizes. */
export async function allPixels(split: ImageSplit): Promise<Uint8Array[]> {
  return await Promise.all(Array.from({ length: split.length }, (_, index) => pixelsOf(split, index)));
}
