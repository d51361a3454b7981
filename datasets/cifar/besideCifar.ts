import { folderSource } from "../imageFolder/folderSource.ts";
import { isHidden } from "../imageFolder/layout.ts";
import type { FileEntry, LeftOut, Listing } from "../imageFolder/source.ts";
import type { FoundCifar } from "./findCifar.ts";
import { filesOf } from "./versions.ts";

/**
 * Everything in a folder or archive that is no part of the CIFAR in it, each under its reason.
 *
 * @param path as the user wrote it
 * @param listing of where CIFAR's files were found
 */
export async function besideCifar(path: string, found: FoundCifar, listing: Listing): Promise<LeftOut[]> {
  const { version, source, prefix } = found,
    below = source.path !== path,
    start = below ? `${version.folder}/` : prefix;
  const { files, left } = below ? await folderSource(path).list() : listing;
  const read = new Set(filesOf(version).map((name) => start + name));
  const published = new Set(version.beside.map((name) => start + name));
  const reasonOf = ({ path, broken }: FileEntry): LeftOut["reason"] => {
    if (published.has(path)) return "published, but not read";
    if (isHidden(path)) return "hidden";
    return broken === undefined ? "no file of CIFAR" : "cannot be read";
  };
  const others = files.filter(({ path }) => !read.has(path)).map((file) => ({
    path: file.path,
    reason: reasonOf(file),
  }));
  return [...others, ...left].sort((a, b) => a.path < b.path ? -1 : 1);
}
