import { dirname, isAbsolute, relative } from "node:path";
import { UserError } from "../core/errors.ts";

let serial = 0;

/**
 * Writes a file whole or not at all: temporary name in the same folder, fsync, rename, fsync of the folder.
 *
 * @param path where the file shall be; missing folders are made
 * @param content the bytes, whole or in parts that are made as they are written, or text that is written as UTF-8
 * @throws {UserError} when the folder or file cannot be written (no permission, disk full), or a link, a pipe, a device has
 * that name; nothing is left behind
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
    await checkOwn(path);
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
 * Writes a file whole, unless there is one of that name: of several processes that try, one succeeds.
 *
 * @param link makes a second name of a file, where that is possible
 * @returns whether it was this one
 * @throws {UserError} when the folder or file cannot be written
 */
export async function writeNew(
  path: string,
  content: string | Uint8Array,
  link: (from: string, to: string) => Promise<void> = Deno.link,
): Promise<boolean> {
  const own = `${path}.tmp-${Deno.pid}-${serial++}`;
  await writeWhole(own, content);
  try {
    await link(own, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || await exists(path)) return false;
    // exFAT, SMB and some containers have no hard links: two that try at the same moment may both succeed there.
    return await renamed(own, path);
  } finally {
    await Deno.remove(own).catch(() => {});
  }
}

async function renamed(from: string, to: string): Promise<true> {
  try {
    await Deno.rename(from, to);
    await syncFolder(dirname(to));
    return true;
  } catch (error) {
    throw new UserError(`Cannot write ${to}: ${reason(error)}`);
  }
}

/**
 * Makes a rename durable, as far as that can be done: not every platform lets a folder be opened, and not every file system
 * lets one be synchronised; there the rename alone has to do.
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
 * @throws {UserError} when the file is missing, cannot be read or is no plain file: a pipe would never end
 */
export async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    checkPlain(path, await Deno.stat(path));
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${reason(error)}`);
  }
}

/**
 * Makes sure that something is a plain file, before it is read.
 *
 * @throws {UserError} naming what it is instead
 */
export function checkPlain(path: string, info: Deno.FileInfo): void {
  if (!info.isFile) throw new UserError(`Cannot read ${path}: it is ${kindOf(info)}, want a plain file`);
}

/**
 * Opens a plain file to read it.
 *
 * @throws {UserError} when it is something else: a pipe would never end
 * @throws what the system says, when it cannot be opened
 */
export async function openPlain(path: string): Promise<Deno.FsFile> {
  checkPlain(path, await Deno.stat(path));
  return await Deno.open(path);
}

/** What something that is no plain file is. */
function kindOf({ isDirectory, isSymlink, isFifo, isSocket }: Deno.FileInfo): string {
  if (isDirectory) return "a folder";
  if (isSymlink) return "a link";
  if (isFifo) return "a pipe";
  return isSocket ? "a socket" : "a device";
}

/**
 * Makes sure that a file which is going to be opened to write to it is a plain one or not there: what is behind a link is
 * somebody else's.
 *
 * @throws {UserError} naming what it is instead
 */
export async function checkOwn(path: string): Promise<void> {
  try {
    const info = await Deno.lstat(path);
    if (!info.isFile) throw new UserError(`Cannot write ${path}: it is ${kindOf(info)}, want a plain file`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
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
