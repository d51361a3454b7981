import { basename, join } from "node:path";
import { UserError } from "../../core/errors.ts";
import { printable } from "../../core/printable.ts";
import type { ImageDataset } from "../dataset.ts";
import { readAnnotations } from "./annotations.ts";
import { CACHE_VERSION, readCache, writeCache } from "./cache.ts";
import { DECODER } from "./decode.ts";
import { decodeSelection } from "./decodeSelection.ts";
import { imageSplits } from "./imageSplit.ts";
import { faultsOf, findLayout, type Layout, leftOut } from "./layout.ts";
import { leftText } from "./leftText.ts";
import { openSource } from "./openSource.ts";
import { select, type Selection, type SelectionOptions } from "./selection.ts";
import type { FileEntry, ImageSource, LeftOut, LeftReason } from "./source.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/** How to open a folder or archive of images. */
export interface ImageFolderOptions extends SelectionOptions {
  /** Leave unreadable images out and count them, instead of stopping at the first. */
  skipBad?: boolean;
  /** Accept class folders without a test split; its length is then 0. */
  allowTrainOnly?: boolean;
  /** Where decoded images are kept between runs. */
  cacheFolder?: string;
  /** Images that take less than this when decoded are kept in memory and cached; others are decoded when needed. */
  budgetBytes?: number;
  /** Told in a line each about a damaged or unwritable cache, images without labels, and files that are not used. */
  notice?: (line: string) => void;
}

/** What is said by another line, or is used in its way. */
const SAID: readonly LeftReason[] = ["without labels", "read for its labels"];
const DEFAULT_BUDGET = 2 ** 31;

/**
 * Opens train/<class>/<image> and test/ (or val/) in a folder or in a .tar, .tar.gz, .tgz or .zip archive of one, and
 * Tiny-ImageNet as published.
 *
 * Classes and images are in sorted order. The images are the same whether they are kept decoded, come from the cache or
 * are decoded when needed.
 *
 * @throws {UserError} when the path, its layout, the selection or an image is not usable
 * @example Two classes, kept on disk for a moment
 * ```ts
 * import { openImageFolder, readImage } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const folder = await Deno.makeTempDir();
 * // A grey GIF of one pixel.
 * const gif = Uint8Array.from(atob("R0lGODdhAQABAPAAAH9/fwAAACwAAAAAAQABAAACAkQBADs="), (char) => char.charCodeAt(0));
 * for (const path of ["train/cat", "train/dog", "val/cat", "val/dog"]) {
 *   await Deno.mkdir(`${folder}/${path}`, { recursive: true });
 *   await Deno.writeFile(`${folder}/${path}/0.gif`, gif);
 * }
 * const data = await openImageFolder(folder, { cacheFolder: `${folder}/cache` });
 * deepStrictEqual([data.classes, data.train.length, data.test.length], [["cat", "dog"], 2, 2]);
 * deepStrictEqual(Array.from((await readImage(`${folder}/train/cat/0.gif`)).pixels), [127, 127, 127]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function openImageFolder(path: string, options: ImageFolderOptions = {}): Promise<ImageDataset> {
  const { budgetBytes = DEFAULT_BUDGET, cacheFolder = ".cache/datasets", notice = console.error } = options;
  const source = await openSource(path);
  let found: Promise<Found> | undefined;
  const find = () => found ??= findImages(source, options);
  const sha256 = await source.identify(async () => {
    const { selection: { train, test }, annotations } = await find();
    return [...train, ...test, ...(annotations ? [annotations] : [])];
  });
  const base = join(cacheFolder, cacheKey(sha256, options, budgetBytes));
  let opened = await readCache(base).catch((error: UserError) => {
    notice(`${error.message}; they are decoded again`);
    return undefined;
  });
  if (!opened) {
    const { selection, note } = await find();
    opened = { ...await decodeSelection(source, selection, budgetBytes, options.skipBad ?? false), note };
    await writeCache(base, opened).catch((error: UserError) => notice(`${error.message}; going on without a cache`));
  }
  // What is not used does not count to a folder's hash, so that the cache may know an older state of it.
  const note = found ? (await found).note : opened.note;
  if (note) notice(note.split("\n").map(printable).join("\n"));
  return {
    name: basename(path),
    classes: opened.classes,
    sha256,
    skipped: opened.skipped,
    ...await imageSplits(source, opened, budgetBytes),
  };
}

/** What the listing of a folder or archive told. */
interface Found {
  selection: Selection;
  annotations?: FileEntry;
  note?: string;
}

async function findImages(source: ImageSource, options: ImageFolderOptions): Promise<Found> {
  const { path } = source, listing = await source.list(), labels = await readAnnotations(source, listing);
  const layout = findLayout(listing, path, options.allowTrainOnly ?? false, labels), [fault] = faultsOf(listing);
  if (fault && !options.skipBad) {
    throw new UserError(`Cannot read ${path}/${fault.path}: ${fault.broken}, want it whole, or --skip-bad`);
  }
  return {
    selection: select(layout, path, options),
    annotations: layout.annotations,
    note: [
      ...(layout.unlabelled ? [unlabelledNote(path, layout.unlabelled)] : []),
      ...leftNote(path, leftOut(listing, layout).filter(({ reason }) => !SAID.includes(reason))),
    ].join("\n"),
  };
}

function unlabelledNote(path: string, { folder, images }: Required<Layout>["unlabelled"]): string {
  return `${path}: the ${images} images in ${folder} have no labels and are not used; val/ is the test split`;
}

function leftNote(path: string, left: readonly LeftOut[]): string[] {
  return left.length === 0 ? [] : [`${path}: not used: ${leftText(left)}`];
}

/** Everything that decides which pixels are in the cache. */
function cacheKey(sha256: string, options: ImageFolderOptions, budgetBytes: number): string {
  const { classes, maxTrain, maxTest, seed = 0, skipBad = false, allowTrainOnly = false } = options;
  const subsetSeed = maxTrain === undefined && maxTest === undefined ? undefined : seed;
  const sorted = typeof classes === "object" ? [...new Set(classes)].sort() : classes;
  const selection = { classes: sorted, maxTrain, maxTest, subsetSeed, skipBad, allowTrainOnly, budgetBytes };
  const parts = { sha256, selection, decoder: DECODER, version: CACHE_VERSION };
  return sha256Of(JSON.stringify(parts)).slice(0, 32);
}
