import type { Pool } from "../../core/probes/features.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { type Features, featuresOf } from "../../training/features.ts";
import type { Weights } from "../../training/weights/convert.ts";
import { encoderOf } from "./arenas.ts";
import { engineOf, monitorOf, type RunOptions } from "./options.ts";

/** Whose features of which images are wanted. */
export interface FeaturesOptions extends Omit<RunOptions, "seed"> {
  /** Weights of a pre-training, or an encoder from elsewhere. */
  from: Weights;
  /** The images, e.g. `data.test`. */
  images: ImageSplit;
  /** "mean" of the patch tokens unless given; or the class token. */
  pool?: Pool;
  /** Centre crop over resized side: 224 / 256 = 0.875 on ImageNet; 1, the whole image, unless given. */
  testCropRatio?: number;
}

/**
 * Features of images by a frozen encoder: its last tokens, pooled, then normalised to mean 0 and variance 1 each.
 *
 * @returns values [N, D] with labels [N]
 * @throws {UserError} when the weights hold no encoder
 * @example
 * ```ts
 * import { features, pretrain } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual, ok } from "node:assert";
 *
 * const data = proceduralDataset({ seed: 0, train: 8, test: 6, size: 32 });
 * const model = { imageSize: 32, embedDim: 12, decoderDim: 8, decoderHeads: 2 };
 * const { weights: from } = await pretrain({ data, model, epochs: 1, batch: 8 });
 * const { values, labels, dim } = await features({ from, images: data.test });
 * deepStrictEqual([values.length, labels.length, dim], [6 * 12, 6, 12]);
 * ok(Math.abs(values.subarray(0, dim).reduce((sum, value) => sum + value)) < 1e-4);
 * ```
 */
export async function features(options: FeaturesOptions): Promise<Features> {
  const { from, images, pool = "mean", testCropRatio = 1 } = options, { model, arena } = encoderOf(from);
  const work = { engine: engineOf(options), monitor: monitorOf(options), from: arena, seed: 0 };
  return await featuresOf(images, { model, pool, testCropRatio }, work);
}
