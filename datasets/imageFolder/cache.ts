import { z } from "zod";
import { exists, openPlain, readWhole, reason, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { schemaFault } from "../../core/schemaFault.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";
import type { LabelledFile } from "./selection.ts";

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

const count = z.int().nonnegative(), side = z.int().positive().optional();
const images = z.array(z.strictObject({
  path: z.string(),
  size: count,
  offset: count,
  broken: z.string().optional(),
  label: count,
  width: side,
  height: side,
}));

/** What `<base>.json` holds beside its own hash: all but the pixels, and what they have to be. */
const headerSchema = z.strictObject({
  classes: z.array(z.string()),
  train: images,
  test: images,
  skipped: count,
  note: z.string().optional(),
  pixels: z.strictObject({ bytes: count, sha256: z.string() }).optional(),
});
type Header = z.infer<typeof headerSchema>;

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
 * Reads a data set back. Both files are hashed anew at every use, and what they say has to agree: a file that hashes itself
 * may have been made by anybody.
 *
 * @returns undefined when there is none
 * @throws {UserError} naming the file that is damaged, and both hashes, or that cannot be read
 */
export async function readCache(base: string): Promise<Opened | undefined> {
  let file = `${base}.json`;
  try {
    if (!await exists(file)) return undefined;
    const { sha256, header: found } = JSON.parse(new TextDecoder().decode(await readWhole(file)));
    checkHash(sha256Of(JSON.stringify(found ?? null)), sha256);
    const header = checkHeader(found);
    file = `${base}.bin`;
    const pixels = header.pixels && await readBytes(file, header.pixels.bytes);
    if (pixels) checkHash(sha256Of(pixels), header.pixels!.sha256);
    return { ...header, pixels };
  } catch (error) {
    const found = error instanceof UserError ? error.message : reason(error);
    throw new UserError(`Cannot use the cached images in ${file}: ${found}`);
  }
}

function checkHash(found: string, wanted: string): void {
  if (found !== wanted) throw new UserError(`its SHA-256 is ${found}, want ${wanted}`);
}

/** What the JSON says, where its parts agree: labels are of classes, and the images fill the pixels. */
function checkHeader(found: unknown): Header {
  const parsed = headerSchema.safeParse(found);
  if (!parsed.success) throw new UserError(schemaFault(parsed.error, found));
  const { classes, train, test, pixels } = parsed.data, all = [...train, ...test];
  const stray = all.find(({ label }) => label >= classes.length);
  if (stray) throw new UserError(`'${stray.path}' has label ${stray.label}, want one of ${classes.length} classes`);
  const bytes = all.reduce((sum, { width = 0, height = 0 }) => sum + 3 * width * height, 0);
  if (pixels && pixels.bytes !== bytes) throw new UserError(`its images have ${bytes} bytes, want ${pixels.bytes}`);
  return parsed.data;
}

/** Reads into one buffer of known size, several times faster than Deno.readFile on a large file. */
async function readBytes(path: string, size: number): Promise<Uint8Array> {
  using file = await openPlain(path);
  const found = (await file.stat()).size;
  if (found !== size) throw new UserError(`it has ${found} bytes, want ${size}`);
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw new UserError(`it ends after ${at} bytes, want ${size}`);
    at += count;
  }
  return bytes;
}
