import { createHash } from "node:crypto";
import { join } from "node:path";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { listFolder } from "./listFolder.ts";
import type { FileEntry, ImageSource } from "./source.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/** A file and the SHA-256 (hex) of its content. */
export interface FileHash {
  path: string;
  sha256: string;
}

/** Stands for the hash of what cannot be read. */
const UNREADABLE = "0".repeat(64);

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
    list: () => listFolder(root),
    async identify(files) {
      for (const { path, broken } of await files()) {
        identified.set(path, broken === undefined ? sha256Of(await readWhole(join(root, path))) : UNREADABLE);
      }
      return folderHash([...identified].map(([path, sha256]) => ({ path, sha256 })));
    },
    async *readAll(files) {
      for (const file of files) yield await readOne(file);
    },
  };
}
