import type { ConvMaeConfig } from "../../core/methods/convmae/config.ts";
import { CONVIT_PRESETS, encoderOf } from "../../core/models/config.ts";
import { PROFILES as ALL_TOKENS, smallRecipes } from "./allTokensProfiles.ts";
import type { HybridSettings } from "./hybridSettings.ts";
import { PROFILES } from "./mimProfiles.ts";
import type { MimSettings } from "./mimSettings.ts";

type Profile = Omit<HybridSettings, "seed">;

/** A hybrid encoder for 64-pixel images: stages of 32 x 32 and 16 x 16 pixels, then 8 x 8 tokens; norms as released. */
const STAGES: ConvMaeConfig["stages"] = {
  patchSizes: [2, 2],
  dims: [16, 32],
  depths: [1, 1],
  mlpRatio: 4,
  normEps: 1e-5,
};

/** DMJD's released widths and crops, half of ConvMAE's views, and a quarter. */
const JOINT: HybridSettings["joint"] = { mlpRatio: 8, length: 0.5, taughtLength: 0.25, cropScale: [0.5, 1] };

/** What of fine-tuning and of the linear probe the larger encoder has as the smaller one. */
function asSmall(
  { finetune, linear }: Pick<MimSettings, "finetune" | "linear">,
): Omit<HybridSettings["large"], "model"> {
  const { epochs, lr, layerDecay, dropPath } = finetune;
  return { finetune: { epochs, lr, layerDecay, dropPath }, linear: { epochs: linear.epochs, baseLr: linear.baseLr } };
}

/** About 5 minutes on 2 cores for Table 6: to see that everything works. Accuracy means nothing at this length. */
const ci: Profile = {
  ...PROFILES.ci,
  method: "convmae",
  model: { ...PROFILES.ci.model, depth: 3, stages: STAGES },
  joint: { ...JOINT, taughtLength: 0.5 },
  large: { model: { embedDim: 64, depth: 6, numHeads: 4, dims: [32, 48] }, ...asSmall(PROFILES.ci) },
  plain: PROFILES.ci.model,
  ...smallRecipes(PROFILES.ci, encoderOf(PROFILES.ci.model)),
};

/** 120,000 views for ConvMAE's row of Tiny-ImageNet-100, decoded as they come; other methods on encoders as wide. */
const twin: Profile = {
  ...PROFILES.twin,
  method: "convmae",
  model: {
    ...PROFILES.twin.model,
    depth: 11,
    stages: { ...STAGES, dims: [32, 48], depths: [2, 2] },
  },
  joint: JOINT,
  large: { model: { embedDim: 128, depth: 23, numHeads: 4, dims: [48, 96] }, ...asSmall(PROFILES.twin) },
  plain: PROFILES.twin.model,
  ...smallRecipes(PROFILES.twin, encoderOf(PROFILES.twin.model)),
};

const { stages, ...base } = CONVIT_PRESETS["convit-b16"],
  { stages: { dims }, ...larger } = CONVIT_PRESETS["convit-l16"];

/** ConvMAE-B as published: 1,600 effective epochs of ImageNet-1K, DMJD's batch of 1,024 views. */
const paper: Profile = {
  ...PROFILES.paper,
  method: "convmae",
  model: { ...PROFILES.paper.model, ...base, stages },
  joint: JOINT,
  large: {
    model: { embedDim: larger.embedDim, depth: larger.depth, numHeads: larger.numHeads, dims },
    finetune: ALL_TOKENS.paper.large.finetune,
    linear: { epochs: 50, baseLr: 0.05 },
  },
  plain: PROFILES.paper.model,
  simmim: ALL_TOKENS.paper.simmim,
  beit: ALL_TOKENS.paper.beit,
  maskfeat: ALL_TOKENS.paper.maskfeat,
};

/** Scales of DMJD's table on ConvMAE. */
export const HYBRID_PROFILES = { ci, twin, paper };

/** Scales of DMJD's other tables on ConvMAE in place of MAE, its stages as wide and its crops as large as in DMJD's released code. */
export const MIM_ON_HYBRID: Record<string, Omit<MimSettings, "seed">> = Object.fromEntries(
  Object.entries(HYBRID_PROFILES).map(([name, profile]) => {
    const { joint: { mlpRatio, cropScale }, large: _l, plain: _p, simmim: _s, beit: _b, maskfeat: _m, model, ...rest } =
      profile;
    const pretrain = { ...rest.pretrain, cropScale };
    return [`convmae-${name}`, { ...rest, pretrain, model: { ...model, stages: { ...model.stages, mlpRatio } } }];
  }),
);
