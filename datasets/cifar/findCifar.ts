import { join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { folderSource } from "../imageFolder/folderSource.ts";
import { fileName, type ImageSource } from "../imageFolder/source.ts";
import { firstFiles, isTar } from "../imageFolder/tarSource.ts";
import { type CifarVersion, cifarVersions, filesOf } from "./versions.ts";

/** Where a published version of CIFAR was found. */
export interface FoundCifar {
  version: CifarVersion;
  source: ImageSource;
  /** What stands before the files' names: "" or a folder with "/". */
  prefix: string;
}

/** An archive of CIFAR has no more entries than this before two of its files have come. */
const LOOK_AT = 16;

/** Two of a version's files make sure that it is meant; the names "train" and "test" alone say little. */
const ENOUGH = 2;

/**
 * Looks whether a folder or archive is CIFAR as published: its files at the top, or in the folder of the published name.
 * Of a tar archive only the first entries are looked at; there is no other.
 *
 * @param source the folder or archive at `path`
 * @returns undefined when it is something else
 * @throws {UserError} when a folder holds two versions, or an archive cannot be read
 */
export async function findCifar(
  path: string,
  source: ImageSource,
  versions: readonly CifarVersion[] = cifarVersions(),
): Promise<FoundCifar | undefined> {
  if (!(await Deno.stat(path)).isDirectory) {
    return isTar(path) ? inList(source, await firstFiles(path, LOOK_AT), versions) : undefined;
  }
  const top = inList(source, await filesIn(path), versions);
  if (top) return top;
  const below: FoundCifar[] = [];
  for (const version of versions) {
    const root = join(path, version.folder);
    const found = inList(folderSource(root), await filesIn(root), [version]);
    if (found) below.push(found);
  }
  if (below.length > 1) {
    const [first, second] = below.map(({ version }) => join(path, version.folder));
    throw new UserError(`Cannot open ${path}: it holds more than one data set, want one, ${first} or ${second}`);
  }
  return below[0];
}

function inList(source: ImageSource, paths: readonly string[], versions: readonly CifarVersion[]) {
  for (const version of versions) {
    const files = filesOf(version), here = paths.filter((path) => files.includes(fileName(path)));
    const prefixes = new Set(here.map((path) => path.slice(0, path.length - fileName(path).length)));
    if (here.length >= ENOUGH && prefixes.size === 1) return { version, source, prefix: [...prefixes][0] };
  }
}

/** Names of the files in a folder; none when there is no such folder. */
async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) if (!isDirectory) names.push(name);
  } catch {
    return []; // whoever lists the folder next says why it cannot be read
  }
  return names;
}
