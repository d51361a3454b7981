/**
 * Training with defaults from the papers' recipes: {@link pretrain} without labels, {@link finetune}, {@link evaluate}, probes
 * of a frozen encoder and its {@link features}. Weights go from one to the other, and to files by `./weights`.
 *
 * It needs `--allow-ffi`, `--allow-read` and `--allow-env` for ONNX Runtime.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export { CompiledEngine } from "../core/engine/compiled.ts";
export { EagerEngine } from "../core/engine/eager.ts";
export { evaluate, type EvaluateOptions } from "./training/evaluate.ts";
export { features, type FeaturesOptions } from "./training/features.ts";
export { finetune, type FinetuneOptions, type FinetuneOutcome } from "./training/finetune.ts";
export type { DataOptions, RunOptions } from "./training/options.ts";
export {
  pretrain,
  type PretrainConfigOptions,
  type PretrainOptions,
  type PretrainOutcome,
  pretrainSchedule,
} from "./training/pretrain.ts";
export {
  knnProbe,
  type KnnProbeOptions,
  linearProbe,
  type LinearProbeOptions,
  type LinearProbeOutcome,
  type ProbeOptions,
} from "./training/probes.ts";
export { type Recipe, type RecipeName, recipeOf } from "./training/recipe.ts";
export type { Training } from "./training/run.ts";
