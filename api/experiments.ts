/**
 * Experiments of the papers, and one's own: a declaration of named runs, each ending in phases of training, and
 * {@link runExperiment}, which runs every phase once and goes on where it was stopped.
 *
 * It needs `--allow-ffi`, `--allow-env`, `--allow-sys`, `--allow-read` and `--allow-write`.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export type { LocalMimConfig } from "../core/methods/localmim/config.ts";
export type { ConvStages, EncoderConfig, SwinShape, VitConfig } from "../core/models/config.ts";
export type { Run, Settings } from "../experiments/experiment.ts";
export {
  finetune,
  type FinetuneSettings,
  type FreezeOption,
  knn,
  type LabelledData,
  linear,
  type ModelSettings,
  pretrain,
  type PretrainSettings,
  type ProbeSettings,
  type UnfrozenSettings,
} from "../experiments/phases.ts";
export type { ProbeKind } from "../experiments/probes.ts";
export type { SubsetName, VitSettings } from "../experiments/recipes/vitSettings.ts";
export { longer, onSubset, vitRun } from "../experiments/recipes/vitRuns.ts";
export type { DataConfig, Phase, PhaseKind } from "../records/phase.ts";
export type { Epoch, Metrics, PhaseEvent, PhaseRecord, RanksSpan } from "../records/record.ts";
export type { StepReport } from "../training/monitor.ts";
export type {
  FinetuneConfig,
  FreezeSettings,
  Freezing,
  KnnConfig,
  LinearConfig,
  PretrainConfig,
} from "../training/settings.ts";
export type { RunOptions } from "./training/options.ts";
export { type Declaration, type ExperimentOptions, type FinishedRun, runExperiment } from "./planning/runExperiment.ts";
