import { createHash } from "node:crypto";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";

/** Both hashes of a file, hex. */
export interface Hashes {
  md5: string;
  sha256: string;
}

/**
 * Hashes a file while it is read.
 *
 * @throws {UserError} when it cannot be read
 */
export async function hashFile(path: string): Promise<Hashes> {
  const md5 = createHash("md5"), sha256 = createHash("sha256");
  try {
    const file = await openPlain(path);
    for await (const chunk of file.readable) {
      md5.update(chunk);
      sha256.update(chunk);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${reason(error)}`);
  }
  return { md5: md5.digest("hex"), sha256: sha256.digest("hex") };
}

/** How the kinds of checksums are written. */
export const KIND_NAMES = { md5: "MD5", sha256: "SHA-256" } as const;
