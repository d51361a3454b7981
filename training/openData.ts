import { UserError } from "../core/errors.ts";
import {
  CLASS_SUBSETS,
  type ClassChoice,
  classSubset,
  type ImageDataset,
  isClassSubset,
  openDataset,
  proceduralDataset,
} from "../datasets/mod.ts";
import type { DataConfig } from "../records/phase.ts";
import { DATA_SEED } from "./streams.ts";

/** Procedural images where the config asks for all there are. */
const ALL_TRAIN = 50000, ALL_TEST = 10000;

/** Where images lie, and what is done with bad ones. */
export interface DataOptions {
  /** The path of each source by name; see `parseDataPaths`. */
  paths: ReadonlyMap<string, string>;
  /** Leave unreadable images out and count them. */
  skipBad?: boolean;
}

/**
 * Opens the images of a phase.
 *
 * @param imageSize side in pixels, for images that are drawn
 * @throws {UserError} when its source has no path, or cannot be opened as asked
 */
export async function openData(
  { source, classes, train, test = 0 }: DataConfig,
  imageSize: number,
  { paths, skipBad = false }: DataOptions,
): Promise<ImageDataset> {
  const chosen = await classChoice(classes), some = chosen !== undefined && { classes: chosen };
  if (source === "procedural") {
    const counts = { train: train ?? ALL_TRAIN, test: test ?? ALL_TEST };
    return proceduralDataset({ seed: DATA_SEED, size: imageSize, ...counts, ...some });
  }
  const path = paths.get(source);
  if (path === undefined) {
    const flag = source === "images" ? "--data PATH" : `--data ${source}=PATH`;
    throw new UserError(
      `Cannot open the images '${source}': nothing says where they lie, want ${flag} with a folder, .tar, .tar.gz or .zip`,
    );
  }
  return await openDataset({
    path,
    ...some,
    ...(train !== null && { maxTrain: train }),
    ...(test !== null && { maxTest: test }),
    skipBad,
    seed: DATA_SEED,
  });
}

/**
 * The classes that a config names: so many, a subset by name, or a list with commas; nothing where all are meant.
 *
 * @throws {UserError} on an empty name, or one that stands there twice
 */
export async function classChoice(classes: DataConfig["classes"]): Promise<ClassChoice | undefined> {
  if (classes === null) return undefined;
  if (typeof classes === "number") return classes;
  const name = classes.trim().toLowerCase();
  if (isClassSubset(name)) return await classSubset(name);
  const words = classes.split(",").map((word) => word.trim());
  if (words.includes("")) {
    throw new UserError(`Cannot use data.classes '${classes}': want ${CLASS_SUBSETS.join(", ")} or class names`);
  }
  if (new Set(words).size < words.length) {
    throw new UserError(`Cannot use data.classes ${classes}: a class is named twice`);
  }
  return words;
}
