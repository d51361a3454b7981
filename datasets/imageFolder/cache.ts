import { reason, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { LabelledFile } from "./selection.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/** Counts up whenever the same archive and options would be selected, decoded or stored in another way. */
export const CACHE_VERSION = 3;

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
  /** What a person should know of the data, in one line. */
  note?: string;
  /** The pixels of all images, train before test, each RGB u8 HWC; absent when images are decoded as they are needed. */
  pixels?: Uint8Array;
}

/** What `<base>.json` holds beside its own hash: all but the pixels, and what they have to be. */
type Header = Omit<Opened, "pixels"> & { pixels?: { bytes: number; sha256: string } };

/**
 * Writes an opened data set to `<base>.bin` (pixels) and then `<base>.json` (all else, with the SHA-256 of the pixels and
 * of itself).
 *
 * @throws {UserError} when they cannot be written
 */
export async function writeCache(base: string, { pixels, ...rest }: Opened): Promise<void> {
  const header: Header = { ...rest, ...(pixels && { pixels: { bytes: pixels.length, sha256: sha256Of(pixels) } }) };
  if (pixels) await writeWhole(`${base}.bin`, pixels);
  await writeWhole(`${base}.json`, JSON.stringify({ sha256: sha256Of(JSON.stringify(header)), header }));
}

/**
 * Reads a data set back. Both files are hashed anew at every use.
 *
 * @returns undefined when there is none
 * @throws {UserError} naming the file that is damaged, and both hashes, or that cannot be read
 */
export async function readCache(base: string): Promise<Opened | undefined> {
  let file = `${base}.json`;
  try {
    const { sha256, header } = JSON.parse(await Deno.readTextFile(file)) as { sha256: string; header: Header };
    checkHash(sha256Of(JSON.stringify(header ?? null)), sha256);
    file = `${base}.bin`;
    const pixels = header.pixels && await readBytes(file, header.pixels.bytes);
    if (pixels) checkHash(sha256Of(pixels), header.pixels!.sha256);
    return { ...header, pixels };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && file.endsWith(".json")) return undefined;
    const found = error instanceof UserError ? error.message : reason(error);
    throw new UserError(`Cannot use the cached images in ${file}: ${found}`);
  }
}

function checkHash(found: string, wanted: string): void {
  if (found !== wanted) throw new UserError(`its SHA-256 is ${found}, want ${wanted}`);
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
