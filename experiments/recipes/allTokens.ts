import { beitFault } from "../../core/methods/beit/schema.ts";
import { maeFault } from "../../core/methods/mae/schema.ts";
import { maskFeatFault } from "../../core/methods/maskfeat/schema.ts";
import { simMimFault } from "../../core/methods/simmim/schema.ts";
import type { Recipe } from "../experiment.ts";
import { PROFILES } from "./allTokensProfiles.ts";
import {
  type AllTokensModels,
  type AllTokensRecipes,
  allTokensSchema,
  type AllTokensSettings,
} from "./allTokensSettings.ts";
import { trainingFault } from "./fault.ts";
import { MIM } from "./mim.ts";
import type { MimSettings } from "./mimSettings.ts";

export type { AllTokensSettings };

const FAULTS: { [Name in keyof AllTokensModels]: (model: AllTokensModels[Name]) => string | undefined } = {
  simmim: simMimFault,
  beit: beitFault,
  maskfeat: maskFeatFault,
};

/** Settings that the recipes of these methods have to fit. */
type Around = AllTokensRecipes & Pick<MimSettings, "disjoint" | "linear">;

/** What of the methods' own recipes does not fit the rest. */
export function recipesFault(settings: Around): string | undefined {
  for (const name of ["simmim", "beit", "maskfeat"] as const) {
    const fault = ownFault(settings, name);
    if (fault) return `${name}.${fault}`;
  }
}

function ownFault<Name extends keyof AllTokensModels>(
  settings: Around,
  name: Name,
): string | undefined {
  const { model, pretrain, finetune, disjoint: { length, ...rates } } = settings[name], { views } = settings.disjoint;
  const fault = FAULTS[name] as (model: unknown) => string | undefined;
  const single = fault(model) ?? (model.views === 1 ? undefined : `views ${model.views}: want 1, a single view`);
  if (single) return `model.${single}`;
  const several = fault({ ...model, ...rates, views, viewRule: "disjoint" });
  if (several) return `disjoint.${several}`;
  if (pretrain.batch % views) return `pretrain.batch ${pretrain.batch}: want a multiple of the ${views} views`;
  if (!Number.isInteger(pretrain.epochs * length / views)) {
    return `pretrain.epochs ${pretrain.epochs}: want so many that ${length} of them are whole epochs of ${views} views`;
  }
  return trainingFault({ pretrain, finetune, linear: settings.linear });
}

/** DMJD's Table III: disjoint masking on four methods. */
export const ALL_TOKENS: Recipe<AllTokensSettings> = {
  schema: allTokensSchema,
  fault(settings) {
    const { simmim: _s, beit: _b, maskfeat: _m, large, ...mim } = settings, fault = MIM.fault(mim);
    if (fault) return fault;
    const own = recipesFault(settings);
    if (own) return own;
    const wrong = maeFault({ ...settings.model, ...large.model }) ??
      maskFeatFault({ ...settings.maskfeat.model, ...large.model });
    if (wrong) return `large.model.${wrong}`;
    if (large.finetune.epochs <= settings.finetune.warmupEpochs) {
      return `large.finetune.epochs ${large.finetune.epochs}: want more than the ${settings.finetune.warmupEpochs} of warm-up`;
    }
  },
  profiles: PROFILES,
};
