import { convMaeFault } from "../../core/methods/convmae/schema.ts";
import { maeFault } from "../../core/methods/mae/schema.ts";
import type { Recipe } from "../experiment.ts";
import { recipesFault } from "./allTokens.ts";
import { HYBRID_PROFILES } from "./hybridProfiles.ts";
import { largeModel } from "./hybridRuns.ts";
import { hybridSchema, type HybridSettings } from "./hybridSettings.ts";
import { poolSettingFault, viewsSettingFault } from "./mim.ts";

export type { HybridSettings };

/** DMJD's table on ConvMAE. */
export const HYBRID: Recipe<HybridSettings> = {
  schema: hybridSchema,
  fault(settings) {
    const { model, joint, plain } = settings, fault = convMaeFault(model);
    if (fault) return `model.${fault}`;
    const wide = convMaeFault({ ...model, stages: { ...model.stages, mlpRatio: joint.mlpRatio } });
    if (wide) return `joint.${wide.replace("stages.", "")}`;
    const large = convMaeFault(largeModel(settings));
    if (large) return `large.model.${large.replace("stages.", "")}`;
    const own = maeFault(plain);
    if (own) return `plain.${own}`;
    return poolSettingFault(settings) ?? viewsSettingFault(settings, [joint.length, joint.taughtLength]) ??
      recipesFault(settings);
  },
  profiles: HYBRID_PROFILES,
};
