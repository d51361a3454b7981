import { dirname } from "node:path";
import { UserError } from "../core/errors.ts";
import { exists, reason, syncFolder, writeWhole } from "./files.ts";
import { checkTarget } from "./plainFiles.ts";

/** Milliseconds between two looks at another process's claim; and after which it counts as that of a dead one. */
const POLL = 20, PATIENCE = 10_000;
/** Behind a file's name: who writes it. Run folders take it for half-written and remove it. */
const CLAIM = ".tmp-0-0";

let serial = 0;

/**
 * Writes a file whole, unless there is one of that name: of several processes that try, one succeeds.
 *
 * @returns whether it was this one
 * @throws {UserError} when the folder or file cannot be written, or something else than a plain file has that name
 */
export async function writeNew(path: string, content: string | Uint8Array): Promise<boolean> {
  const own = `${path}.new.tmp-${Deno.pid}-${serial++}`;
  try {
    if (await checkTarget(path)) return false;
    await writeWhole(own, content);
    const written = await linked(own, path) ?? await renamed(own, path);
    await syncFolder(dirname(path));
    return written;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot write ${path}: ${reason(error)}`);
  } finally {
    await Deno.remove(own).catch(() => {});
  }
}

/** Gives a file a second name, unless that is taken; nothing where the file system knows no second names. */
async function linked(own: string, path: string): Promise<boolean | undefined> {
  try {
    await Deno.link(own, path);
    return true;
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists ? false : undefined;
  }
}

/** Renames a file, unless the new name is taken. A claim, which one process alone can make, keeps others from it meanwhile. */
async function renamed(own: string, path: string): Promise<boolean> {
  const claim = `${path}${CLAIM}`;
  for (let waited = 0;; waited += POLL) {
    if (await exists(path)) return false;
    if (waited > PATIENCE) {
      await Deno.remove(claim).catch(() => {}); // its process was killed
      waited = 0;
    }
    if (await made(claim)) break;
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  try {
    if (await exists(path)) return false;
    await Deno.rename(own, path);
    return true;
  } finally {
    await Deno.remove(claim).catch(() => {});
  }
}

/** Makes an empty file; false where there is one. */
async function made(path: string): Promise<boolean> {
  try {
    (await Deno.open(path, { write: true, createNew: true })).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
