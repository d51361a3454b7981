import { UserError } from "../core/errors.ts";

/**
 * Opens a plain file to read. What waits for a writer or never ends is refused before anything is read of it.
 *
 * @throws {UserError} when it is no plain file: a folder, a pipe, a socket, a device
 * @throws what the system says when it is missing or may not be read
 */
export async function openPlain(path: string): Promise<Deno.FsFile> {
  await checkPlain(path);
  return await Deno.open(path);
}

/**
 * Makes sure that a path leads to a plain file; links are followed.
 *
 * @returns its size in bytes
 * @throws {UserError} when it is something else
 * @throws what the system says when it is missing
 */
export async function checkPlain(path: string): Promise<number> {
  const found = await Deno.stat(path);
  if (!found.isFile) throw new UserError(`Cannot read ${path}: it is ${kindOf(found)}, want a plain file`);
  return found.size;
}

/**
 * Makes sure that a path may be written: nothing is there, or a plain file. A link is none, wherever it leads: what it
 * stands for belongs to someone else.
 *
 * @returns what is there
 * @throws {UserError} when it is something else
 */
export async function checkTarget(path: string): Promise<Deno.FileInfo | undefined> {
  let found: Deno.FileInfo;
  try {
    found = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (!found.isFile) throw new UserError(`Cannot write ${path}: it is ${kindOf(found)}, want a plain file`);
  return found;
}

/**
 * Opens a file that is written in place, made if need be: a lock, a log that grows, a download that goes on. A file with
 * a second name is refused like a link, for the other name would be written, too.
 *
 * @param options more than `write`, e.g. `read`, `append`
 * @throws {UserError} when it is no plain file of one name
 * @throws what the system says when it cannot be opened
 */
export async function openToWrite(path: string, options: Deno.OpenOptions = {}): Promise<Deno.FsFile> {
  const there = await checkTarget(path), usual = { write: true, ...options };
  if (!there) {
    try {
      return await Deno.open(path, { ...usual, createNew: true }); // which follows no link
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return await openToWrite(path, options);
      throw error;
    }
  }
  if ((there.nlink ?? 1) > 1) {
    throw new UserError(`Cannot write ${path}: it has ${there.nlink} names (hard links), want a file of its own`);
  }
  const file = await Deno.open(path, usual), opened = await file.stat();
  if (opened.ino === there.ino && opened.dev === there.dev) return file;
  file.close(); // it was exchanged in between
  return await openToWrite(path, options);
}

/** What something is that is no plain file, in two words. */
function kindOf(found: Deno.FileInfo): string {
  if (found.isSymlink) return "a link";
  if (found.isDirectory) return "a folder";
  if (found.isFifo) return "no plain file (a pipe)";
  if (found.isSocket) return "no plain file (a socket)";
  return "no plain file (a device)";
}
