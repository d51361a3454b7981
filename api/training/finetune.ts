import type { VitConfig } from "../../core/models/config.ts";
import { UserError } from "../../core/errors.ts";
import type { FinetuneConfig, FinetuneSettings } from "../../training/settings.ts";
import type { Weights } from "../../training/weights/convert.ts";
import { encoderOf } from "./arenas.ts";
import type { DataOptions } from "./options.ts";
import { merged, mergedLength, type RecipeName, recipeOf } from "./recipe.ts";
import { runPhase, type Training, trainingOf } from "./run.ts";

/** What to fine-tune, on which images, and how. */
export interface FinetuneOptions extends Partial<FinetuneSettings>, DataOptions {
  /** Weights to start from: of a pre-training, or an encoder from elsewhere. Without them, training is from scratch. */
  from?: Weights;
  /** Whose defaults are taken; "cifar10" unless given. */
  recipe?: RecipeName;
  /** From scratch alone: keys of the encoder that are not the recipe's. */
  model?: Partial<VitConfig>;
}

/** What a fine-tuning has left: a classifier, and its accuracy on the test images. */
export type FinetuneOutcome = Training<FinetuneConfig>;

/**
 * Fine-tunes a classifier on a pre-trained encoder, of which all layers train, and evaluates it on the test images (the recipe
 * of LocalMIM; thesis 4.4, paper 4.2).
 *
 * @param options `data` is needed, `from` is wanted nearly always
 * @throws {UserError} when a setting is refused, the images do not fill a batch, or the weights hold no encoder
 * @example From scratch, with nothing but mirrored crops
 * ```ts
 * import { finetune } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual, ok } from "node:assert";
 *
 * const { weights, metrics } = await finetune({
 *   data: proceduralDataset({ seed: 0, train: 24, test: 12, size: 32 }),
 *   model: { imageSize: 32, embedDim: 12, depth: 2 },
 *   recipe: "laptop",
 *   epochs: 1,
 *   batch: 8,
 * });
 * deepStrictEqual(weights.model.kind, "classifier");
 * deepStrictEqual(weights.tensors.get("head.weight")!.shape, [12, 12]); // classes, width
 * ok(metrics.top1! >= 0 && metrics.top5! >= metrics.top1!);
 * ```
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneOutcome> {
  const { data, seed, threads, signal, onStep, from, recipe, model, ...given } = options, defaults = recipeOf(recipe);
  if (from && model) throw new UserError("Cannot fine-tune with both from and model: want the model of the weights");
  const run = { data, seed, threads, signal, onStep }, encoder = from && encoderOf(from);
  const config: FinetuneConfig = {
    ...mergedLength(defaults.finetune, given),
    model: encoder?.model ?? merged(encoderShape(defaults.model), model ?? {}),
  };
  return trainingOf("finetune", config, await runPhase("finetune", config, run, encoder?.arena), run);
}

function encoderShape({ imageSize, patchSize, embedDim, depth, numHeads, mlpRatio }: VitConfig): VitConfig {
  return { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio };
}
