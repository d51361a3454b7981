import { maeFault } from "../../core/methods/mae/schema.ts";
import type { Recipe } from "../experiment.ts";
import { trainingFault } from "./fault.ts";
import { PROFILES } from "./mimProfiles.ts";
import { mimSchema, type MimSettings } from "./mimSettings.ts";

export type { MimSettings };

/** DMJD's tables on masked autoencoders. */
export const MIM: Recipe<MimSettings> = {
  schema: mimSchema,
  fault(settings) {
    const { model, disjoint, lengths, pretrain: { batch, epochs } } = settings, { views, uniform, cells } = disjoint;
    const fault = maeFault(model);
    if (fault) return `model.${fault}`;
    if (model.views !== 1) return `model.views ${model.views}: want 1, a single view for the baseline`;
    if (batch % views) return `pretrain.batch ${batch}: want a multiple of the ${views} views of disjoint.views`;
    for (const length of [0.5, lengths.rates, lengths.distillation]) {
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
  },
  profiles: PROFILES,
};
