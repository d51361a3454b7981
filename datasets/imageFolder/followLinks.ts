import { dirname } from "node:path/posix";
import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import { areTooManyAgain } from "./linkLimit.ts";
import { type ArchiveLink, linkEnd } from "./linkTarget.ts";
import { MOST_BYTES, MOST_FOLDERS } from "./memberName.ts";
import { addParents, type FileEntry, fileName } from "./source.ts";

/** An archive while its links are followed. */
interface Following {
  archive: string;
  /** As they stand in the archive, by path; links' own are added to `files` and `folders`. */
  links: ReadonlyMap<string, ArchiveLink>;
  members: ReadonlyMap<string, FileEntry>;
  /** What lies in each folder, as paths. */
  inside: ReadonlyMap<string, readonly string[]>;
  files: Map<string, FileEntry>;
  folders: Set<string>;
  /** Entries met through links. */
  again: number;
}

/**
 * Adds to the files of an archive those that its links name: a link to a file is a file with the bytes of the one it names,
 * a link to a folder a folder with all that is in it, links too. What leads nowhere is added as broken.
 *
 * @param archive for messages
 * @param files by path; is added to
 * @param folders is added to
 * @throws {UserError} when links lead to each other's folders so often that they name far more than there is
 */
export function followLinks(
  archive: string,
  files: Map<string, FileEntry>,
  folders: Set<string>,
  links: ReadonlyMap<string, ArchiveLink>,
): void {
  if (links.size === 0) return;
  for (const path of links.keys()) addParents(folders, path);
  const inside = Map.groupBy(new Set([...files.keys(), ...folders, ...links.keys()]), dirname);
  const following = { archive, links, members: new Map(files), inside, files, folders, again: 0 };
  for (const link of links.values()) follow(following, link.path, link, [dirname(link.path)]);
}

/** Puts what a link leads to at a path; `above` are the folders of the archive that the path lies in. */
function follow(following: Following, path: string, link: ArchiveLink, above: readonly string[]): void {
  const { links, members, inside, files, folders } = following, end = linkEnd(link, links);
  count(following, path);
  const broken = (why: string) => files.set(path, { path, size: 0, offset: 0, broken: why });
  if ("broken" in end) broken(end.broken);
  else if (members.has(end.path)) files.set(path, { ...members.get(end.path)!, path });
  else if (end.path === "." || above.some((place) => `${place}/`.startsWith(`${end.path}/`))) {
    broken("it is a link to a folder that holds it");
  } else if (inside.has(end.path) || folders.has(end.path)) copyFolder(following, path, end.path, above);
  else broken(`it is a link to ${link.target}, which is not in the archive`);
}

function copyFolder(following: Following, to: string, from: string, above: readonly string[]): void {
  const { links, members, inside, files, folders } = following, within = [...above, from];
  count(following, to);
  folders.add(to);
  for (const path of inside.get(from) ?? []) {
    const alias = `${to}/${fileName(path)}`, link = links.get(path), file = members.get(path);
    if (link) follow(following, alias, link, within);
    else if (file) {
      count(following, alias);
      files.set(alias, { ...file, path: alias });
    } else copyFolder(following, alias, path, within);
  }
}

/** @throws {UserError} when it is too much: links name a path that is too long, or the same entries again and again */
function count(following: Following, path: string): void {
  const { archive, links, members } = following;
  const isTooMuch = areTooManyAgain(++following.again, members.size + links.size);
  if (!isTooMuch && path.length <= MOST_BYTES && path.split("/").length <= MOST_FOLDERS) return;
  throw new UserError(
    `Cannot read ${archive}: its links lead to each other's folders without end (${printable(path.slice(0, 60))}…), ` +
      "want links to files, or folders that are linked to a few times",
  );
}
