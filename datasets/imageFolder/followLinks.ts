import { type ArchiveLink, linkEnd } from "./linkTarget.ts";
import { addParents, type FileEntry } from "./source.ts";

/**
 * Adds to the files of an archive those that its links name: a link to a file is a file with the bytes of the one it names,
 * a link to a folder a folder with its files. What leads nowhere is added as broken.
 *
 * @param files by path; is added to
 * @param folders is added to
 */
export function followLinks(
  files: Map<string, FileEntry>,
  folders: Set<string>,
  links: ReadonlyMap<string, ArchiveLink>,
): void {
  const toFolders: { path: string; target: string }[] = [];
  const broken = (path: string, why: string) => files.set(path, { path, size: 0, offset: 0, broken: why });
  for (const link of links.values()) {
    const { path } = link, end = linkEnd(link, links);
    addParents(folders, path);
    if ("broken" in end) {
      broken(path, end.broken);
      continue;
    }
    const found = files.get(end.path);
    if (found && !links.has(end.path)) files.set(path, { ...found, path });
    else if (`${path}/`.startsWith(`${end.path}/`) || end.path === ".") {
      broken(path, "it is a link to a folder that holds it");
    } else if (folders.has(end.path)) toFolders.push({ path, target: end.path });
    else broken(path, `it is a link to ${link.target}, which is not in the archive`);
  }
  for (const { path, target } of toFolders) {
    folders.add(path);
    for (const file of [...files.values()]) {
      if (!file.path.startsWith(`${target}/`)) continue;
      const alias = path + file.path.slice(target.length);
      files.set(alias, { ...file, path: alias });
      addParents(folders, alias);
    }
  }
}
