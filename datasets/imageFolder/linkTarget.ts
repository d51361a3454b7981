import { posix } from "node:path";

/** Links that are followed one after the other; more of them lead in a circle. */
const MOST_HOPS = 40;

/** A member of an archive that stands for another one. */
export interface ArchiveLink {
  path: string;
  /** As it is written in the archive. */
  target: string;
  /** Whether the target counts from the top of the archive, as a hard link's does. */
  isHard: boolean;
}

/** Where a link leads to: a path, or why it leads nowhere. */
export type LinkEnd = { path: string } | { broken: string };

/**
 * Follows a link inside an archive, part by part of its path, for any part may be a link itself.
 *
 * @param links all of them, by path
 */
export function linkEnd(link: ArchiveLink, links: ReadonlyMap<string, ArchiveLink>): LinkEnd {
  let rest = placeOf(link), hops = 1;
  for (;;) {
    if (rest === undefined) return { broken: `it is a link out of the archive (${link.target})` };
    if (hops > MOST_HOPS) return { broken: "it is a link that leads in a circle" };
    const next = firstLink(rest, links);
    if (next === undefined) return { path: rest };
    const place = placeOf(next.link);
    rest = place === undefined ? undefined : posix.normalize(posix.join(place, next.behind));
    hops++;
  }
}

/** The path that a link names, from the top of the archive; undefined for one outside. */
function placeOf({ path, target, isHard }: ArchiveLink): string | undefined {
  if (!isHard && target.startsWith("/")) return undefined;
  const place = posix.normalize(isHard ? target.replace(/^(\.?\/)+/, "") : posix.join(posix.dirname(path), target));
  const clean = place.replace(/\/+$/, "");
  return clean === ".." || clean.startsWith("../") ? undefined : clean;
}

/** The first part of a path that is a link, and what stands behind it. */
function firstLink(path: string, links: ReadonlyMap<string, ArchiveLink>) {
  for (let at = path.indexOf("/"); at > 0; at = path.indexOf("/", at + 1)) {
    const link = links.get(path.slice(0, at));
    if (link) return { link, behind: path.slice(at + 1) };
  }
  const link = links.get(path);
  return link && { link, behind: "" };
}
