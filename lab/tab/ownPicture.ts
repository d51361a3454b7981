import type { Pixels } from "./messages.ts";

/**
 * A person's file as a square picture: its middle, scaled by the browser.
 *
 * @throws when the browser cannot decode it
 */
export async function readPicture(file: Blob & { name: string }, size: number): Promise<Pixels> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`Cannot read ${file.name}: it is no picture that this browser knows`);
  }
  const side = Math.min(bitmap.width, bitmap.height), canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#ffffff"; // under what is transparent
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, size, size);
  bitmap.close();
  const { data } = context.getImageData(0, 0, size, size), bytes = new Uint8Array(3 * size * size);
  for (let at = 0; at < size * size; at++) for (let c = 0; c < 3; c++) bytes[3 * at + c] = data[4 * at + c];
  return { size, bytes };
}
