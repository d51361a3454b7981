import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { localMim } from "../../core/methods/localmim/method.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { iterationsPerEpoch } from "../../training/batches.ts";
import { checkPhases } from "../../training/checkPhases.ts";
import type { FreezeSettings, PretrainConfig, PretrainSettings } from "../../training/settings.ts";
import { scheduleOf } from "../../training/schedule.ts";
import type { DataOptions } from "./options.ts";
import { merged, mergedLength, type RecipeName, recipeOf } from "./recipe.ts";
import { runPhase, type Training, trainingOf } from "./run.ts";

/** What pre-training computes: what is not given comes from the recipe. */
export interface PretrainConfigOptions extends Partial<PretrainSettings> {
  /** Whose defaults are taken; "cifar10" unless given. */
  recipe?: RecipeName;
  /** Keys of the model that are not the recipe's. */
  model?: Partial<LocalMimConfig>;
  /** Keys of freezing that are not ViTFreeze's; null: nothing freezes, which is LocalMIM. */
  freeze?: Partial<FreezeSettings> | null;
}

/** What to pre-train, on which images, and how. */
export interface PretrainOptions extends PretrainConfigOptions, DataOptions {}

/** What a pre-training has left. */
export interface PretrainOutcome extends Training<PretrainConfig> {
  /** When each layer froze and how fast it learned. */
  schedule: FreezeSchedule;
}

/** All settings of a pre-training. */
function configOf({ recipe, model, freeze, ...given }: PretrainConfigOptions): PretrainConfig {
  const defaults = recipeOf(recipe);
  return {
    ...mergedLength(defaults.pretrain, given),
    method: { name: "localmim", ...merged(defaults.model, model ?? {}) },
    freeze: freeze === null ? null : merged(defaults.freeze, freeze ?? {}),
  };
}

/** The run's own options apart from the config's. */
function apart({ data, seed, threads, signal, onStep, ...config }: PretrainOptions) {
  return { run: { data, seed, threads, signal, onStep }, config };
}

/**
 * The schedule by which `pretrain` with the same options freezes: steps per epoch follow from the number of images, the
 * learning rate from the images of a step (baseLr * images / 256).
 *
 * @param options those of `pretrain`; of the images, their number is enough
 * @throws {UserError} when the options do not make a schedule, or the images do not fill a batch
 * @example When does ViT-B freeze on ImageNet-1K?
 * ```ts
 * import { pretrainSchedule } from "@vitfreeze/vitfreeze/train";
 * import { layerPlan } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = pretrainSchedule({ recipe: "paper", images: 1_281_167 });
 * deepStrictEqual([schedule.iterationsPerEpoch, schedule.baseLr], [625, 1.6e-3]);
 * deepStrictEqual(layerPlan(schedule).layers[4].freezeEpoch?.toFixed(1), "68.6");
 * ```
 */
export function pretrainSchedule({ images, ...options }: PretrainConfigOptions & { images: number }): FreezeSchedule {
  const config = configOf(options);
  checkPhases([{ kind: "pretrain", seed: 0, data: { source: "images", classes: null, train: null }, config }]);
  return schedule(config, images);
}

function schedule(config: PretrainConfig, images: number): FreezeSchedule {
  const { batch, accumulation, method: { name: _name, ...model } } = config;
  const shape = localMim.encoder(model as unknown as LocalMimConfig);
  return scheduleOf(config, shape, iterationsPerEpoch(images, batch, accumulation));
}

/**
 * Pre-trains a vision transformer on images without labels by LocalMIM, with ViTFreeze's progressive freezing (thesis 3.2
 * to 3.5).
 *
 * The same options, seed, machine and engine give the same weights in every bit. For runs of hours see `runExperiment`, which
 * keeps checkpoints.
 *
 * @param options `data` alone is needed
 * @throws {UserError} when a setting is refused, the images do not fill a batch, or the loss is no longer finite
 * @example Two epochs of a tiny model on generated images
 * ```ts
 * import { pretrain } from "@vitfreeze/vitfreeze/train";
 * import { proceduralDataset } from "@vitfreeze/vitfreeze/datasets";
 * import { deepStrictEqual, ok } from "node:assert";
 *
 * const { weights, epochs, schedule } = await pretrain({
 *   data: proceduralDataset({ seed: 0, train: 32, test: 8, size: 32 }),
 *   model: { imageSize: 32, embedDim: 12, decoderDim: 8, decoderHeads: 2 },
 *   epochs: 2,
 *   batch: 8,
 * });
 * deepStrictEqual([epochs.length, schedule.iterationsPerEpoch, weights.model.kind], [2, 4, "localmim"]);
 * ok(epochs[1].losses.loss! < epochs[0].losses.loss!);
 * ```
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainOutcome> {
  const { run, config: given } = apart(options), config = configOf(given);
  const trained = trainingOf("pretrain", config, await runPhase("pretrain", config, run), run);
  return { ...trained, schedule: schedule(config, run.data.train.length) };
}
