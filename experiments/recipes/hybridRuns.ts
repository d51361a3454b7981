import type { ConvMaeConfig } from "../../core/methods/convmae/config.ts";
import type { HybridSettings } from "./hybridSettings.ts";
import { distilled, type Variant } from "./mimRuns.ts";
import type { MimSettings } from "./mimSettings.ts";

/** The larger encoder, as DMJD has it: its stages are as wide as those of DMJD's smaller one. */
export function largeModel({ model, joint, large }: Omit<HybridSettings, "seed">): ConvMaeConfig {
  const { dims, ...shape } = large.model;
  return { ...model, ...shape, stages: { ...model.stages, dims, mlpRatio: joint.mlpRatio } };
}

/** The same settings with the larger encoder, and its fine-tuning and probe. */
export function enlarged(settings: HybridSettings): HybridSettings {
  const { finetune, linear, large } = settings;
  return {
    ...settings,
    model: largeModel(settings),
    finetune: { ...finetune, ...large.finetune },
    linear: { ...linear, ...large.linear },
  };
}

/** DMJD on ConvMAE: two disjoint views of cells, whitened HOG of all patches, wider stages. */
export function joint(settings: HybridSettings): Variant {
  const { model: { stages }, joint: { mlpRatio, length, cropScale } } = settings;
  return { ...distilled(settings), length, cropScale, stages: { ...stages, mlpRatio } };
}

/** The same settings with a vision transformer in place of the hybrid encoder. */
export function plainOf({ plain, ...settings }: HybridSettings): MimSettings {
  return { ...settings, method: "mae", model: plain };
}
