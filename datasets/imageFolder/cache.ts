import { createHash } from "node:crypto";
import { reason, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { LabelledFile } from "./selection.ts";

/** Counts up whenever the same archive and options would be selected, decoded or stored in another way. */
export const CACHE_VERSION = 1;

/** An image in use; its size in pixels is known when it is kept decoded. */
export interface ImageRecord extends LabelledFile {
  width?: number;
  height?: number;
}

/** What opening a data set found out. */
export interface Opened {
  classes: string[];
  train: ImageRecord[];
  test: ImageRecord[];
  skipped: number;
  /** The pixels of all images, train before test, each RGB u8 HWC; absent when images are decoded as they are needed. */
  pixels?: Uint8Array;
}

type Header = Omit<Opened, "pixels"> & { pixelBytes?: number };

/** SHA-256 over the header and the pixels, which makes a damaged or mixed-up pair of files visible. */
function digest(header: Header, pixels: Uint8Array | undefined): string {
  return createHash("sha256").update(JSON.stringify(header)).update(pixels ?? new Uint8Array()).digest("hex");
}

/**
 * Writes an opened data set to `<base>.bin` (pixels) and then `<base>.json` (all else, and the SHA-256 of both).
 *
 * @throws {UserError} when they cannot be written
 */
export async function writeCache(base: string, { pixels, ...rest }: Opened): Promise<void> {
  const header: Header = { ...rest, pixelBytes: pixels?.length };
  if (pixels) await writeWhole(`${base}.bin`, pixels);
  await writeWhole(`${base}.json`, JSON.stringify({ sha256: digest(header, pixels), header }));
}

/**
 * Reads a data set back.
 *
 * @returns undefined when there is none
 * @throws {UserError} when it is damaged or cannot be read
 */
export async function readCache(base: string): Promise<Opened | undefined> {
  let file = `${base}.json`;
  try {
    const { sha256, header } = JSON.parse(await Deno.readTextFile(file)) as { sha256: string; header: Header };
    file = `${base}.bin`;
    const pixels = header.pixelBytes === undefined ? undefined : await readBytes(file, header.pixelBytes);
    const found = digest(header, pixels);
    if (found !== sha256) {
      throw new UserError(`SHA-256 is ${found.slice(0, 12)}…, want ${String(sha256).slice(0, 12)}…`);
    }
    return { ...header, pixels };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && file.endsWith(".json")) return undefined;
    throw new UserError(`Cannot use the cached images in ${file}: ${reason(error)}`);
  }
}

/** Reads into one buffer of known size, several times faster than Deno.readFile on a large file. */
async function readBytes(path: string, size: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw new UserError(`it ends after ${at} bytes, want ${size}`);
    at += count;
  }
  return bytes;
}
