import { UserError } from "../../core/errors.ts";
import { type ClassifierConfig, classifierParameters } from "../../core/models/classifier.ts";
import type { ImageDataset } from "../../datasets/dataset.ts";
import type { Metrics } from "../../records/schema.ts";
import { evaluate as evaluateSplit } from "../../training/evaluate.ts";
import type { Weights } from "../../training/weights/convert.ts";
import { arenaOf } from "./arenas.ts";
import { engineOf, monitorOf, type RunOptions } from "./options.ts";

/** Which classifier is evaluated, and on which images. */
export interface EvaluateOptions extends Omit<RunOptions, "seed"> {
  /** Weights of a classifier, as `finetune` leaves them. */
  weights: Weights;
  /** The images; their classes have to be those of the classifier, in its order. */
  data: ImageDataset;
  /** "test" unless given. */
  split?: "train" | "test";
  /** Images of a pass; 64 unless given. It changes no number by more than rounding. */
  batch?: number;
  /** Centre crop over resized side: 224 / 256 = 0.875 on ImageNet; 1, the whole image, unless given. */
  testCropRatio?: number;
}

/**
 * Top-1 and top-5 accuracy in percent, and mean cross-entropy, of a classifier.
 *
 * @throws {UserError} when the weights are no classifier, or one of another number of classes
 * @example What `finetune` has measured, measured again
 * ```ts
 * import { evaluate, finetune } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const data = proceduralDataset({ seed: 0, train: 24, test: 12, size: 32 });
 * const model = { imageSize: 32, embedDim: 12, depth: 2 };
 * const { weights, metrics } = await finetune({ data, model, recipe: "laptop", epochs: 1, batch: 8 });
 * deepStrictEqual(await evaluate({ weights, data, batch: 8 }), metrics);
 * ```
 */
export async function evaluate(options: EvaluateOptions): Promise<Metrics> {
  const { weights, data, split = "test", batch = 64, testCropRatio = 1 } = options, { kind } = weights.model;
  if (kind !== "classifier") throw new UserError(`Cannot evaluate weights of kind ${kind}: want a classifier`);
  const model = weights.model.config as ClassifierConfig, classes = data.classes.length;
  if (model.numClasses !== classes) {
    throw new UserError(`Cannot evaluate a classifier of ${model.numClasses} classes: the data have ${classes}`);
  }
  if (data[split].length === 0) throw new UserError(`Cannot evaluate on ${data.name}: its ${split} split is empty`);
  return await evaluateSplit({
    engine: engineOf(options),
    monitor: monitorOf(options),
    model,
    arena: arenaOf(classifierParameters(model), weights, "evaluate"),
    split: data[split],
    batch,
    testCropRatio,
  });
}
