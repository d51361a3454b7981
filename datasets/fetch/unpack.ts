import { join } from "node:path";
import { writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { members } from "./members.ts";
import { sha256 } from "../../core/sha256.ts";

/**
 * Unpacks a .tar.gz below a folder. All of the archive is looked at before the first file is written; each file is
 * written whole or not at all.
 *
 * @param maxBytes how much it may unpack to
 * @returns the SHA-256 of each file, by path
 * @throws {UserError} when a member is refused, the archive is damaged, or a link in the folder leads elsewhere
 */
export async function unpack(archive: string, folder: string, maxBytes: number): Promise<Record<string, string>> {
  for await (const { path } of members(archive, maxBytes)) await refuseLinks(folder, path);
  const hashes: Record<string, string> = {};
  for await (const { path, read } of members(archive, maxBytes)) {
    const bytes = await read();
    await writeWhole(join(folder, path), bytes);
    hashes[path] = sha256(bytes);
  }
  return hashes;
}

/** A link that is there already would lead a file out of the folder. */
async function refuseLinks(folder: string, path: string): Promise<void> {
  let at = folder;
  for (const part of path.split("/")) {
    at = join(at, part);
    const isLink = await Deno.lstat(at).then(({ isSymlink }) => isSymlink, () => false);
    if (isLink) throw new UserError(`Cannot unpack to ${at}: it is a symbolic link, want a folder or nothing`);
  }
}
