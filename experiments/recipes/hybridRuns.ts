import type { ConvMaeConfig } from "../../core/methods/convmae/config.ts";
import type { HybridSettings } from "./hybridSettings.ts";
import { distilled, type Variant } from "./mimRuns.ts";
import type { MimSettings } from "./mimSettings.ts";

/** The larger encoder, as DMJD has it: its stages are as wide as those of DMJD's smaller one. */
export function largeModel({ model, joint, large: { dims, ...shape } }: Omit<HybridSettings, "seed">): ConvMaeConfig {
  return { ...model, ...shape, stages: { ...model.stages, dims, mlpRatio: joint.mlpRatio } };
}

/** The same settings with the larger encoder. */
export function enlarged(settings: HybridSettings): HybridSettings {
  return { ...settings, model: largeModel(settings) };
}

/** DMJD on ConvMAE: two disjoint views of cells, whitened HOG of all patches, wider stages. */
export function joint(settings: HybridSettings): Variant {
  const { model: { stages }, joint: { mlpRatio, length } } = settings;
  return { ...distilled(settings), length, stages: { ...stages, mlpRatio } };
}

/** The same settings with a vision transformer in place of the hybrid encoder. */
export function plainOf({ plain, ...settings }: HybridSettings): MimSettings {
  return { ...settings, method: "mae", model: plain };
}
