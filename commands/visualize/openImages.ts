import { basename } from "node:path";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import type { ImageDataset, ImageSplit } from "../../datasets/dataset.ts";
import { decodeImage } from "../../datasets/imageFolder/decode.ts";
import { openDataset } from "../../datasets/openDataset.ts";
import { decodedImage } from "../../datasets/sourceImage.ts";
import type { Command } from "./flags.ts";
import type { LoadedModel } from "./model/load.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";

/** Seed of the images and of the choice of a subset, as in training. */
const DATA_SEED = 0;
const IMAGE = /\.(jpe?g|png|webp|gif|tiff?)$/i;

/** The images that a command draws from. */
export interface Images {
  dataset: ImageDataset;
  /** Name of the split. */
  name: "train" | "test";
  split: ImageSplit;
}

/**
 * Opens the images of a command: one image file, or all there are in a data set, or with an epoch those that the run used,
 * since their number decides the order of the epoch.
 *
 * @throws {UserError} when they cannot be read, or an epoch is asked for and they are not the run's
 */
export async function openImages(command: Command, { config, record }: LoadedModel): Promise<Images> {
  const { data: path, epoch } = command, common = { path, seed: DATA_SEED, size: config.imageSize };
  if (epoch !== undefined) {
    const dataset = await openSeen(common, record);
    return { dataset, name: "train", split: dataset.train };
  }
  // Few images are wanted, so none is decoded before; but a compressed archive can only be read as a whole.
  const budget = /\.t?gz$/.test(path) ? {} : { budgetBytes: 0 };
  const dataset = IMAGE.test(path)
    ? await openOne(path)
    : await openDataset({ ...common, ...budget, allowTrainOnly: true });
  const name = command.split ?? (dataset.test.length > 0 ? "test" : "train");
  return { dataset, name, split: dataset[name] };
}

async function openSeen(
  common: { path: string; seed: number; size: number },
  record: LoadedModel["record"],
): Promise<ImageDataset> {
  if (!record) {
    throw new UserError("Cannot use --epoch: the model has no record of its run beside it; want the folder of a run");
  }
  const { train, test, data } = record;
  const counts = { ...(train !== null && { maxTrain: train }), ...(test !== null && { maxTest: test }) };
  const dataset = await openDataset({ ...common, ...counts });
  if (dataset.sha256 !== data) {
    const [found, wanted] = [dataset.sha256, data].map((hash) => hash.slice(0, 12));
    throw new UserError(
      `Cannot use --epoch with ${common.path}: its SHA-256 is ${found}…, want the run's data, ${wanted}…`,
    );
  }
  return dataset;
}

/** A data set of one image, which is in the test split. */
async function openOne(path: string): Promise<ImageDataset> {
  const bytes = await readWhole(path), { pixels, width, height } = await decodeImage(bytes, path);
  const image = decodedImage(pixels, width, height), name = basename(path);
  return {
    name,
    classes: [name],
    train: { length: 0, labels: new Int32Array(0), load: () => image },
    test: { length: 1, labels: Int32Array.of(0), load: () => image },
    sha256: sha256Of(bytes),
    skipped: 0,
  };
}
