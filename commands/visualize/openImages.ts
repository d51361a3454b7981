import { basename } from "node:path";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { schemaFault } from "../../core/schemaFault.ts";
import type { ImageDataset, ImageSplit } from "../../datasets/dataset.ts";
import { decodeImage } from "../../datasets/imageFolder/decode.ts";
import { openDataset } from "../../datasets/openDataset.ts";
import { decodedImage } from "../../datasets/sourceImage.ts";
import type { Command } from "./flags.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../../training/config.ts";
import { openData } from "../../training/openData.ts";
import { DATA_SEED } from "../../training/streams.ts";
import type { Provenance } from "../../training/weights/provenance.ts";
import type { LoadedModel } from "./model.ts";

const IMAGE = /\.(jpe?g|png|webp|gif|tiff?)$/i;

/** The images that a command draws from. */
export interface Images {
  dataset: ImageDataset;
  /** Name of the split. */
  name: "train" | "test";
  split: ImageSplit;
  /** How pre-training saw them, where an epoch is asked for. */
  seen?: PretrainConfig;
}

/**
 * Opens the images of a command: one image file, or all there are in a data set, or with an epoch those that the run used,
 * since their number decides the order of the epoch.
 *
 * @throws {UserError} when they cannot be read, or an epoch is asked for and they are not the run's
 */
export async function openImages(command: Command, { method, config, made }: LoadedModel): Promise<Images> {
  const { data: path, epoch, seed } = command, { vit: { imageSize } } = method.encoder(config);
  if (epoch !== undefined) {
    if (made && seed !== undefined && seed !== made.phase.seed) {
      throw new UserError(
        `Cannot use --seed ${seed} with --epoch: training had seed ${made.phase.seed}, want that, or no --epoch`,
      );
    }
    return await openSeen(path, imageSize, made);
  }
  // Few images are wanted, so none is decoded before; but a compressed archive can only be read as a whole.
  const budget = /\.t?gz$/.test(path) ? {} : { budgetBytes: 0 };
  const dataset = IMAGE.test(path)
    ? await openOne(path)
    : await openDataset({ path, seed: DATA_SEED, size: imageSize, ...budget, allowTrainOnly: true });
  const name = command.split ?? (dataset.test.length > 0 ? "test" : "train");
  return { dataset, name, split: dataset[name] };
}

/** The images of the phase that made the model. */
async function openSeen(path: string, imageSize: number, made: Provenance | undefined): Promise<Images> {
  if (!made) {
    throw new UserError(
      "Cannot use --epoch: the model's folder says nothing of its training; want the folder of a phase",
    );
  }
  const { phase, data } = made, seen = pretrainConfigSchema.safeParse(phase.config);
  if (!seen.success) {
    throw new UserError(`Cannot use --epoch: the model's phase is broken: ${schemaFault(seen.error, phase.config)}`);
  }
  const procedural = phase.data.source === "procedural";
  if (procedural !== (path === "procedural")) {
    const wanted = procedural ? "--procedural" : `--data PATH of ${phase.data.source}`;
    throw new UserError(`Cannot use --epoch with ${path}: want the images that the model was trained on, ${wanted}`);
  }
  const dataset = await openData(phase.data, imageSize, { paths: new Map([[phase.data.source, path]]) });
  if (dataset.sha256 !== data) {
    const [found, wanted] = [dataset.sha256, data].map((hash) => hash.slice(0, 12));
    throw new UserError(`Cannot use --epoch with ${path}: its SHA-256 is ${found}…, want the run's data, ${wanted}…`);
  }
  return { dataset, name: "train", split: dataset.train, seen: seen.data };
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
