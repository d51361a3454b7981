/**
 * Experiments of the papers, and one's own: a declaration of named runs, each ending in phases of training, and
 * {@link runExperiment}, which runs every phase once and goes on where it was stopped.
 *
 * It needs `--allow-ffi`, `--allow-env`, `--allow-sys`, `--allow-read` and `--allow-write`.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export type { Experiment, Fill, Run, Settings, Source } from "../experiments/experiment.ts";
export { byRow } from "../experiments/experiment.ts";
export { EXPERIMENTS, findExperiment } from "../experiments/mod.ts";
export { finetune, type FreezeOption, knn, linear, pretrain } from "../experiments/phases.ts";
export { VIT, type VitSettings } from "../experiments/recipes/vit.ts";
export { longer, onSubset, vitRun } from "../experiments/recipes/vitRuns.ts";
export { type ExperimentOptions, type FinishedRun, runExperiment } from "./planning/runExperiment.ts";
