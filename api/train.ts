/**
 * Training with defaults from the papers' recipes: {@link pretrain} without labels, {@link finetune}, {@link evaluate}, probes
 * of a frozen encoder and its {@link features}. Weights go from one to the other, and to files by `./weights`.
 *
 * It needs `--allow-ffi`, `--allow-read` and `--allow-env` for ONNX Runtime.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export type { EngineInfo } from "../core/engine/engine.ts";
export type { Device } from "../core/engine/ort/card.ts";
export type { LocalMimConfig } from "../core/methods/localmim/config.ts";
export type { ConvStages, EncoderConfig, SwinShape, VitConfig } from "../core/models/config.ts";
export type { Pool } from "../core/probes/features.ts";
export type { Dtype, Tensor, TensorData } from "../core/safetensors/tensor.ts";
export type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
export type { CropBox, ImageDataset, ImageSplit, SourceImage } from "../datasets/dataset.ts";
export type { PhaseKind } from "../records/phase.ts";
export type { Epoch, Metrics, PhaseEvent } from "../records/record.ts";
export type { Features } from "../training/features.ts";
export type { StepReport } from "../training/monitor.ts";
export type {
  FinetuneConfig,
  FinetuneSettings,
  FreezeSettings,
  Freezing,
  KnnConfig,
  KnnSettings,
  LinearConfig,
  LinearSettings,
  PretrainConfig,
  PretrainSettings,
} from "../training/settings.ts";
export type { Weights } from "../training/weights/convert.ts";
export type { Model } from "../training/weights/model.ts";
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
