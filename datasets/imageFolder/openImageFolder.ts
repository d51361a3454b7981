import { basename, join } from "node:path";
import type { UserError } from "../../core/errors.ts";
import type { ImageDataset } from "../dataset.ts";
import { CACHE_VERSION, readCache, writeCache } from "./cache.ts";
import { DECODER } from "./decode.ts";
import { decodeSelection } from "./decodeSelection.ts";
import { imageSplits } from "./imageSplit.ts";
import { findLayout } from "./layout.ts";
import { openSource } from "./openSource.ts";
import { select, type Selection, type SelectionOptions } from "./selection.ts";
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
  /** Told in one line about a damaged or unwritable cache. */
  notice?: (line: string) => void;
}

const DEFAULT_BUDGET = 2 ** 31;

/**
 * Opens train/<class>/<image> and test/ (or val/) in a folder or in a .tar, .tar.gz or .tgz archive of one.
 *
 * Classes and images are in sorted order. The images are the same whether they are kept decoded, come from the cache or
 * are decoded when needed.
 *
 * @throws {UserError} when the path, its layout, the selection or an image is not usable
 */
export async function openImageFolder(path: string, options: ImageFolderOptions = {}): Promise<ImageDataset> {
  const { budgetBytes = DEFAULT_BUDGET, cacheFolder = ".cache/datasets", notice = console.error } = options;
  const source = await openSource(path);
  let selection: Selection | undefined;
  const selected = async () =>
    selection ??= select(findLayout(await source.list(), path, options.allowTrainOnly ?? false), path, options);
  const sha256 = await source.identify(async () => {
    const { train, test } = await selected();
    return [...train, ...test];
  });
  const base = join(cacheFolder, cacheKey(sha256, options, budgetBytes));
  let opened = await readCache(base).catch((error: UserError) => {
    notice(`${error.message}; they are decoded again`);
    return undefined;
  });
  if (!opened) {
    opened = await decodeSelection(source, await selected(), budgetBytes, options.skipBad ?? false);
    await writeCache(base, opened).catch((error: UserError) => notice(`${error.message}; going on without a cache`));
  }
  return {
    name: basename(path),
    classes: opened.classes,
    sha256,
    skipped: opened.skipped,
    ...await imageSplits(source, opened, budgetBytes),
  };
}

/** Everything that decides which pixels are in the cache. */
function cacheKey(sha256: string, options: ImageFolderOptions, budgetBytes: number): string {
  const { classes, maxTrain, maxTest, seed = 0, skipBad = false, allowTrainOnly = false } = options;
  const subsetSeed = maxTrain === undefined && maxTest === undefined ? undefined : seed;
  const sorted = classes && [...new Set(classes)].sort();
  const selection = { classes: sorted, maxTrain, maxTest, subsetSeed, skipBad, allowTrainOnly, budgetBytes };
  const parts = { sha256, selection, decoder: DECODER, version: CACHE_VERSION };
  return sha256Of(JSON.stringify(parts)).slice(0, 32);
}
