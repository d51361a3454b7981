import type { ConvMaeConfig } from "../../core/methods/convmae/config.ts";
import { convMaeFault } from "../../core/methods/convmae/schema.ts";
import { maeFault } from "../../core/methods/mae/schema.ts";
import { poolFault } from "../../core/probes/features.ts";
import type { Recipe } from "../experiment.ts";
import { trainingFault } from "./fault.ts";
import { MIM_ON_HYBRID } from "./hybridProfiles.ts";
import { PROFILES } from "./mimProfiles.ts";
import { mimSchema, type MimSettings } from "./mimSettings.ts";

export type { MimSettings };

/** A setting of views that does not fit another one. */
export function viewsSettingFault(settings: Omit<MimSettings, "seed">, shares: readonly number[]): string | undefined {
  const { model, disjoint, pretrain: { batch, epochs } } = settings, { views, uniform, cells } = disjoint;
  if (model.views !== 1) return `model.views ${model.views}: want 1, a single view for the baseline`;
  if (batch % views) return `pretrain.batch ${batch}: want a multiple of the ${views} views of disjoint.views`;
  for (const length of shares) {
    if (!Number.isInteger(epochs * length / views)) {
      return `pretrain.epochs ${epochs}: want so many that ${length} of them are whole epochs of ${views} views`;
    }
  }
  for (const [pattern, rates] of Object.entries({ uniform, cells })) {
    const shape = {
      ...model,
      ...rates,
      pattern: pattern as "uniform" | "cells",
      views,
      viewRule: "disjoint" as const,
    };
    const own = maeFault(shape);
    if (own) return `disjoint.${pattern}.${own}`;
  }
  return trainingFault(settings);
}

/** A pooling of probes that the encoder does not have. */
export function poolSettingFault({ model, linear, knn }: Omit<MimSettings, "seed">): string | undefined {
  for (const [section, { pool }] of Object.entries({ linear, knn })) {
    const fault = poolFault(model, pool);
    if (fault) return `${section}.${fault}`;
  }
}

/** DMJD's tables on masked autoencoders. */
export const MIM: Recipe<MimSettings> = {
  schema: mimSchema,
  fault(settings) {
    const { method, model, lengths: { rates, distillation } } = settings;
    const fault = method === "convmae" ? convMaeFault(model as ConvMaeConfig) : maeFault(model);
    if (fault) return `model.${fault}`;
    return poolSettingFault(settings) ?? viewsSettingFault(settings, [0.5, rates, distillation]);
  },
  profiles: { ...PROFILES, ...MIM_ON_HYBRID },
};
