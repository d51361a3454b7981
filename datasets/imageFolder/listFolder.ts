import { join } from "node:path";
import { reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { Listing } from "./source.ts";

/** A folder being listed: the real paths of those that it lies in, lest a link leads round and round. */
interface Place {
  listing: Listing;
  root: string;
  above: readonly string[];
}

/**
 * Everything in a folder and below; links are followed. What cannot be looked into is a broken entry of its own, so that
 * nothing behind it vanishes unsaid.
 *
 * @throws {UserError} when the folder itself cannot be listed
 */
export async function listFolder(root: string): Promise<Listing> {
  const listing: Listing = { files: [], folders: [], left: [] };
  try {
    await listInto({ listing, root, above: [await Deno.realPath(root)] }, "");
  } catch (error) {
    throw new UserError(`Cannot list ${root}: ${reason(error)}`);
  }
  return listing;
}

async function listInto(place: Place, folder: string): Promise<void> {
  const { listing, root, above } = place;
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = folder ? `${folder}/${entry.name}` : entry.name, full = join(root, path);
    const broken = (why: string) => listing.files.push({ path, size: 0, offset: 0, broken: why });
    let kind: Pick<Deno.FileInfo, "isFile" | "isDirectory">;
    try {
      kind = entry.isSymlink ? await Deno.stat(full) : entry;
    } catch (error) {
      broken(await linkFault(full, error));
      continue;
    }
    if (kind.isFile) listing.files.push({ path, size: 0, offset: 0 });
    else if (!kind.isDirectory) listing.left.push({ path, reason: "no plain file" });
    else {
      try {
        const real = entry.isSymlink ? await Deno.realPath(full) : full;
        if (above.includes(real)) broken("it is a link to a folder that holds it");
        else {
          await listInto({ ...place, above: [...above, await Deno.realPath(full)] }, path);
          listing.folders.push(path);
        }
      } catch (error) {
        broken(reason(error));
      }
    }
  }
}

/** Why a link leads nowhere. */
async function linkFault(path: string, error: unknown): Promise<string> {
  const target = await Deno.readLink(path).catch(() => "?");
  if (error instanceof Deno.errors.NotFound) return `it is a link to ${target}, which is not there`;
  return error instanceof Deno.errors.FilesystemLoop
    ? "it is a link that leads in a circle"
    : `it is a link to ${target}: ${reason(error)}`;
}
