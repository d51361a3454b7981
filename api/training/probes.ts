import type { Metrics } from "../../records/schema.ts";
import type { KnnConfig, KnnSettings, LinearConfig, LinearSettings } from "../../training/settings.ts";
import type { Weights } from "../../training/weights/convert.ts";
import { encoderOf } from "./arenas.ts";
import type { DataOptions } from "./options.ts";
import { merged, mergedLength, type RecipeName, recipeOf } from "./recipe.ts";
import { runPhase, type Training, trainingOf } from "./run.ts";

/** Whose frozen encoder is looked at. */
export interface ProbeOptions extends DataOptions {
  /** Weights of a pre-training, or an encoder from elsewhere. */
  from: Weights;
  /** Whose defaults are taken; "cifar10" unless given. */
  recipe?: RecipeName;
}

/** What a linear probe is done with. */
export interface LinearProbeOptions extends ProbeOptions, Partial<LinearSettings> {}
/** What a k-NN probe is done with. */
export interface KnnProbeOptions extends ProbeOptions, Partial<KnnSettings> {}

/** What a linear probe has left: the head alone, and its accuracy on the test images. */
export type LinearProbeOutcome = Training<LinearConfig>;

/**
 * Trains a linear classifier on the frozen features of an encoder and evaluates it on the test images (MAE's recipe, which
 * DMJD uses).
 *
 * @throws {UserError} when a setting is refused, the images do not fill a batch, or the weights hold no encoder
 * @example
 * ```ts
 * import { linearProbe, pretrain } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual } from "node:assert";
 *
 * const data = proceduralDataset({ seed: 0, train: 24, test: 12, size: 32 });
 * const model = { imageSize: 32, embedDim: 12, decoderDim: 8, decoderHeads: 2 };
 * const { weights: from } = await pretrain({ data, model, epochs: 1, batch: 8 });
 * const { weights, epochs } = await linearProbe({ data, from, epochs: 3, batch: 24 });
 * deepStrictEqual([weights.model.kind, epochs.length], ["linear", 3]);
 * deepStrictEqual(weights.tensors.get("head.1.weight")!.shape, [12, 12]); // classes, width
 * ```
 */
export async function linearProbe(options: LinearProbeOptions): Promise<LinearProbeOutcome> {
  const { from, recipe, data, seed, threads, signal, onStep, ...given } = options, { model, arena } = encoderOf(from);
  const run = { data, seed, threads, signal, onStep };
  const config: LinearConfig = { ...mergedLength(recipeOf(recipe).linear, given), model };
  return trainingOf("linear", config, await runPhase("linear", config, run, arena), run);
}

/**
 * Accuracy in percent on the test images by the votes of the nearest training images, by the frozen features of an encoder
 * (DINO's weighted k-NN). Nothing is trained, and no number is drawn: the seed changes nothing.
 *
 * @throws {UserError} when a setting is refused, k is larger than the training set, or the weights hold no encoder
 * @example
 * ```ts
 * import { knnProbe, pretrain } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { ok } from "node:assert";
 *
 * const data = proceduralDataset({ seed: 0, train: 24, test: 12, size: 32 });
 * const model = { imageSize: 32, embedDim: 12, decoderDim: 8, decoderHeads: 2 };
 * const { weights: from } = await pretrain({ data, model, epochs: 1, batch: 8 });
 * const { top1, top5 } = await knnProbe({ data, from, k: 5 });
 * ok(top1! >= 0 && top1! <= top5! && top5! <= 100);
 * ```
 */
export async function knnProbe(options: Omit<KnnProbeOptions, "seed">): Promise<Metrics> {
  const { from, recipe, data, threads, signal, onStep, ...given } = options, { model, arena } = encoderOf(from);
  const config: KnnConfig = { ...merged(recipeOf(recipe).knn, given), model };
  return (await runPhase("knn", config, { data, threads, signal, onStep }, arena)).metrics;
}
