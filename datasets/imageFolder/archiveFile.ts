import { createHash } from "node:crypto";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { FileEntry } from "./source.ts";

/** Bytes of the largest file that is read: a few of its kind compress to nothing and would fill the memory. */
const MOST_BYTES = 2 ** 28;

/**
 * Makes sure that each file of an archive can be held in memory.
 *
 * @throws {UserError} naming one that is too large
 */
export function checkSizes(archive: string, files: readonly FileEntry[]): void {
  const large = files.find(({ size }) => size > MOST_BYTES);
  if (!large) return;
  throw new UserError(
    `Cannot read ${large.path} of ${archive}: it has ${large.size} bytes, want at most ${MOST_BYTES}`,
  );
}

/**
 * The bytes of a file, in parts.
 *
 * @throws {UserError} when it cannot be read
 */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    const file = await openPlain(path);
    for await (const chunk of file.readable) yield chunk;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${reason(error)}`);
  }
}

/**
 * SHA-256 (hex) of a file's bytes.
 *
 * @throws {UserError} when it cannot be read
 */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of fileChunks(path)) hash.update(chunk);
  return hash.digest("hex");
}
