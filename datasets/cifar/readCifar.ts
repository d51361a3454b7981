import { UserError } from "../../core/errors.ts";
import type { Layout } from "../imageFolder/layout.ts";
import type { ClassFiles, FileEntry, LeftOut, Listing } from "../imageFolder/source.ts";
import { besideCifar } from "./besideCifar.ts";
import { type Batch, checkSize, readBatch, readClassNames } from "./batch.ts";
import type { FoundCifar } from "./findCifar.ts";
import { type CifarVersion, filesOf, type ImageFile, PIXEL_BYTES } from "./versions.ts";

/** All of CIFAR in memory. */
export interface CifarData {
  sha256: string;
  /** Every image by split and class; its path is the name of its batch, its offset the place of its pixels there. */
  layout: Required<Pick<Layout, "train" | "test">>;
  batches: Map<string, Batch>;
  /** What is there beside CIFAR's files. */
  leftOut: LeftOut[];
}

/**
 * Reads all files of a published version.
 *
 * @param path as the user wrote it, for messages
 * @throws {UserError} naming file and byte of whatever is missing or not as published
 */
export async function readCifar(path: string, found: FoundCifar): Promise<CifarData> {
  const { version, source, prefix } = found, listing = await source.list(), entries = findFiles(path, found, listing);
  const inOrder = [...entries].sort((a, b) => a.offset - b.offset), contents = new Map<string, Uint8Array>();
  let next = 0;
  for await (const bytes of source.readAll(inOrder)) contents.set(inOrder[next++].path, bytes);
  const bytesOf = (name: string) => contents.get(prefix + name)!,
    label = (name: string) => `${prefix}${name} of ${path}`;
  const classes = readClassNames(version, bytesOf(version.meta), label(version.meta));
  const batches = new Map([...version.train, ...version.test].map((file) => {
    return [file.name, readBatch(version, file, bytesOf(file.name), label(file.name))];
  }));
  const layout = { train: byClass(version.train, batches, classes), test: byClass(version.test, batches, classes) };
  const sha256 = await source.identify(() => Promise.resolve(entries));
  return { sha256, layout, batches, leftOut: await besideCifar(path, found, listing) };
}

/** @throws {UserError} when a file is missing, or an archive says that it is of another size */
function findFiles(path: string, { version, prefix }: FoundCifar, listing: Listing): FileEntry[] {
  const files = new Map(listing.files.map((file) => [file.path, file]));
  const entries = filesOf(version).map((name) => {
    const entry = files.get(prefix + name);
    if (entry) return entry;
    throw new UserError(`Cannot open ${path}: it is ${version.name} without ${name}, want ${wantedFiles(version)}`);
  });
  for (const file of [...version.train, ...version.test]) {
    const { size } = files.get(prefix + file.name)!;
    if (size > 0) checkSize(version, file, size, `${prefix}${file.name} of ${path}`); // a folder does not tell sizes
  }
  return entries;
}

function wantedFiles(version: CifarVersion): string {
  const names = filesOf(version);
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function byClass(
  files: readonly ImageFile[],
  batches: ReadonlyMap<string, Batch>,
  names: readonly string[],
): ClassFiles {
  const classes = names.map((): FileEntry[] => []);
  for (const { name, images } of files) {
    const { labels, first, stride } = batches.get(name)!;
    for (let i = 0; i < images; i++) {
      classes[labels[i]].push({ path: name, size: PIXEL_BYTES, offset: first + i * stride });
    }
  }
  return new Map(names.map((name, label) => [name, classes[label]]));
}
