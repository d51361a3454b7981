import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { VIT } from "../../experiments/recipes/vit.ts";
import type {
  FinetuneSettings,
  FreezeSettings,
  KnnSettings,
  LinearSettings,
  PretrainSettings,
} from "../../training/settings.ts";

/**
 * Recipes that give what is not said: those of the profiles of the same names.
 *
 * "ci" and "laptop": ViT 48x12 for procedural images. "cifar10": ViT 96x12 for images of 64 pixels. "paper": ViT-B/16 at 224
 * pixels, as published (thesis 4.4 and 4.5).
 */
export type RecipeName = "ci" | "laptop" | "cifar10" | "paper";

/** All defaults of a recipe. */
export interface Recipe {
  /** The model: encoder, decoders and HOG targets. */
  model: LocalMimConfig;
  /** Pre-training. */
  pretrain: PretrainSettings;
  /** ViTFreeze's freezing: t0 = 0.8, cubic, scaled. */
  freeze: FreezeSettings;
  /** Fine-tuning. */
  finetune: FinetuneSettings;
  /** Linear classifier on frozen features. */
  linear: LinearSettings;
  /** Vote of the nearest training images. */
  knn: KnnSettings;
}

/**
 * The defaults of a recipe, to look at or to change.
 *
 * @param name "cifar10" unless given
 * @example
 * ```ts
 * import { recipeOf } from "@vitfreeze/vitfreeze/train";
 * import { deepStrictEqual } from "node:assert";
 *
 * const { model, pretrain, freeze } = recipeOf("paper");
 * deepStrictEqual([model.embedDim, model.depth, model.imageSize], [768, 12, 224]);
 * deepStrictEqual([pretrain.epochs, pretrain.batch * pretrain.accumulation, pretrain.baseLr], [100, 2048, 2e-4]);
 * deepStrictEqual([freeze.t0, freeze.power, freeze.scaled], [0.8, 3, true]);
 * ```
 */
export function recipeOf(name: RecipeName = "cifar10"): Recipe {
  const { model, pretrain, freeze: { srLrPower: _power, ...freeze }, finetune, linear, knn } = VIT.profiles[name];
  return structuredClone({
    model,
    pretrain,
    freeze: { ...freeze, scaled: true },
    finetune: withoutData(finetune),
    linear: withoutData(linear),
    knn: withoutData(knn),
  });
}

function withoutData<T extends { data: unknown }>({ data: _data, ...settings }: T): Omit<T, "data"> {
  return settings;
}

/** Defaults with what is given in their place; a value of undefined gives nothing. */
export function merged<T extends object>(defaults: T, given: Partial<T>): T {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** The same of settings with a length: the warm-up keeps its share of it, unless it is given. */
export function mergedLength<T extends { epochs: number; warmupEpochs: number }>(defaults: T, given: Partial<T>): T {
  const { epochs = defaults.epochs } = given;
  return merged({ ...defaults, warmupEpochs: defaults.warmupEpochs * epochs / defaults.epochs }, given);
}
