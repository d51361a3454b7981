import { findCifar } from "./cifar/findCifar.ts";
import { openCifar } from "./cifar/openCifar.ts";
import type { ImageDataset } from "./dataset.ts";
import { type ImageFolderOptions, openImageFolder } from "./imageFolder/openImageFolder.ts";
import { openSource } from "./imageFolder/openSource.ts";
import { proceduralDataset } from "./procedural/proceduralDataset.ts";

/** Which data set to open, and which part of it. */
export interface DatasetSpec extends ImageFolderOptions {
  /** "procedural", a folder or archive of images, Tiny-ImageNet or CIFAR as published (an archive, or its folder). */
  path: string;
  /** Side of procedural images in pixels. */
  size?: number;
}

/** Sizes of the procedural data set where the spec does not say. */
const PROCEDURAL_TRAIN = 5000, PROCEDURAL_TEST = 1000;

/**
 * Opens the data set a path names: "procedural" is drawn from the seed with `maxTrain` and `maxTest` images, anything
 * else is read. CIFAR-10 and CIFAR-100 in the binary and the Python version are known by their files.
 *
 * @throws {UserError} when it cannot be opened as asked
 * @example Generated images; a path of a folder, archive or CIFAR is opened in the same way
 * ```ts
 * import { openDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const data = await openDataset({ path: "procedural", maxTrain: 24, maxTest: 12 });
 * deepStrictEqual([data.name, data.classes.length, data.test.length], ["procedural", 12, 12]);
 * ```
 */
export async function openDataset({ path, size, ...options }: DatasetSpec): Promise<ImageDataset> {
  if (path !== "procedural") {
    const cifar = await findCifar(path, await openSource(path));
    return cifar ? await openCifar(path, cifar, options) : await openImageFolder(path, options);
  }
  const { seed = 0, classes, maxTrain = PROCEDURAL_TRAIN, maxTest = PROCEDURAL_TEST } = options;
  return proceduralDataset({ seed, train: maxTrain, test: maxTest, size, classes });
}
