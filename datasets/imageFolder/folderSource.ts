import { createHash } from "node:crypto";
import { join } from "node:path";
import { readWhole, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { FileEntry, ImageSource, Listing } from "./source.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/** A file and the SHA-256 (hex) of its content. */
export interface FileHash {
  path: string;
  sha256: string;
}

/** SHA-256 (hex) that identifies a folder's files: of their hashes and paths, one a line, sorted by path. */
export function folderHash(files: readonly FileHash[]): string {
  const total = createHash("sha256");
  for (const { path, sha256 } of [...files].sort((a, b) => a.path < b.path ? -1 : 1)) {
    total.update(`${sha256}  ${path}\n`);
  }
  return total.digest("hex");
}

/**
 * Images in a folder; links are followed. Once it is identified, a file that has changed since is refused.
 *
 * @param root the folder
 */
export function folderSource(root: string): ImageSource {
  const identified = new Map<string, string>();
  const readOne = async ({ path }: FileEntry) => {
    const bytes = await readWhole(join(root, path)), wanted = identified.get(path);
    if (wanted === undefined) return bytes;
    const found = sha256Of(bytes);
    if (found === wanted) return bytes;
    throw new UserError(
      `Cannot use ${join(root, path)}: its SHA-256 is ${found}, want ${wanted} as when it was opened`,
    );
  };
  return {
    path: root,
    readOne,
    async list() {
      const listing: Listing = { files: [], folders: [] };
      try {
        await listInto(listing, root, "");
      } catch (error) {
        throw new UserError(`Cannot list ${root}: ${reason(error)}`);
      }
      return listing;
    },
    async identify(files) {
      for (const { path } of await files()) identified.set(path, sha256Of(await readWhole(join(root, path))));
      return folderHash([...identified].map(([path, sha256]) => ({ path, sha256 })));
    },
    async *readAll(files) {
      for (const file of files) yield await readOne(file);
    },
  };
}

async function listInto(listing: Listing, root: string, folder: string): Promise<void> {
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    const kind = entry.isSymlink ? await Deno.stat(join(root, path)) : entry;
    if (kind.isFile) listing.files.push({ path, size: 0, offset: 0 });
    if (kind.isDirectory) {
      listing.folders.push(path);
      await listInto(listing, root, path);
    }
  }
}
