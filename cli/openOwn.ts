import { UserError } from "../core/errors.ts";
import { checkOwn } from "./files.ts";

/**
 * Opens a file that is written in place, made if need be: a lock, a log that grows, a download that goes on. What a link leads
 * to is never written, nor a file that has a second name, whose content is somebody else's, too.
 *
 * @param options more than `write`, e.g. `read`, `append`
 * @throws {UserError} when it is no plain file of one name
 * @throws what the system says when it cannot be opened
 */
export async function openOwn(path: string, options: Deno.OpenOptions = {}): Promise<Deno.FsFile> {
  await checkOwn(path);
  const usual = { write: true, ...options }, file = await made(path, usual) ?? await Deno.open(path, usual);
  try {
    const opened = await file.stat(), named = await Deno.lstat(path);
    if (named.isFile && opened.ino === named.ino && opened.dev === named.dev && (named.nlink ?? 1) === 1) return file;
    await checkOwn(path); // it became a link in between
    throw new UserError(`Cannot write ${path}: it has ${named.nlink} names (hard links), want a file of its own`);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Makes a file, which follows no link; nothing where there is one. */
async function made(path: string, options: Deno.OpenOptions): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path, { ...options, createNew: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return undefined;
    throw error;
  }
}
