import { dirname, isAbsolute, relative } from "node:path";
import { UserError } from "../core/errors.ts";
import { checkPlain, checkTarget } from "./plainFiles.ts";

let serial = 0;

/**
 * Writes a file whole or not at all: temporary name in the same folder, fsync, rename, fsync of the folder.
 *
 * @param path where the file shall be; missing folders are made
 * @param content the bytes, whole or in parts that are made as they are written, or text that is written as UTF-8
 * @throws {UserError} when the folder or file cannot be written (no permission, disk full), or something else than a plain
 * file has that name (a link, a pipe, a device); nothing is left behind
 */
export async function writeWhole(path: string, content: string | Uint8Array | Iterable<Uint8Array>): Promise<void> {
  const whole = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const parts = whole instanceof Uint8Array ? [whole] : whole;
  const folder = dirname(path);
  const temporary = `${path}.tmp-${Deno.pid}-${serial++}`;
  const removeTemporary = () => {
    try {
      Deno.removeSync(temporary);
    } catch {
      // it was not made yet
    }
  };
  globalThis.addEventListener("unload", removeTemporary); // the program may be ended while it writes
  try {
    await checkTarget(path);
    await Deno.mkdir(folder, { recursive: true });
    const file = await Deno.open(temporary, { write: true, createNew: true });
    try {
      for (const part of parts) {
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
      }
      await file.sync();
    } finally {
      file.close();
    }
    await Deno.rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    removeTemporary();
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot write ${path}: ${reason(error)}`);
  } finally {
    globalThis.removeEventListener("unload", removeTemporary);
  }
}

/**
 * Makes a rename durable, as far as the file system does that: not every platform lets a folder be opened, and not every
 * file system lets one be synchronised; there the rename alone has to do.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  try {
    using handle = await Deno.open(folder);
    await handle.sync();
  } catch {
    // the file's own bytes are on the disk
  }
}

/** A path as it is shown: relative inside the working folder, otherwise as it was given. */
export function shortPath(path: string): string {
  const way = relative(Deno.cwd(), path);
  return way === "" || /^\.\.($|[/\\])/.test(way) || isAbsolute(way) ? path : way;
}

/** The path of a file that is named by a hash, with eight of its digits; a shell finds it by them. */
export function shortRecord(path: string): string {
  return shortPath(path).replace(/([0-9a-f]{8})[0-9a-f]{56}\.json$/, "$1*.json");
}

/**
 * What the operating system said, in a few words: "no such file or directory", "permission denied", …
 *
 * @param error whatever was thrown
 */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "").replace(/: [a-z]+ '.*'$/s, "").toLowerCase();
}

/**
 * Reads a file, or says in one line why not.
 *
 * @param most bytes that it may have; as many as there are unless given
 * @throws {UserError} when the file is missing, cannot be read, is larger, or is no plain file
 */
export async function readWhole(path: string, most = Infinity): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const size = await checkPlain(path);
    if (size > most) throw new UserError(`Cannot read ${path}: it has ${size} bytes, want at most ${most}`);
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${reason(error)}`);
  }
}

/**
 * Whether there is a file or folder of that name.
 *
 * @throws {UserError} when that cannot be told
 */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw new UserError(`Cannot look for ${path}: ${reason(error)}`);
  }
}
