import type { BeitConfig } from "../../core/methods/beit/config.ts";
import { encoderOf, VIT_PRESETS, type VitConfig } from "../../core/models/config.ts";
import type { AllTokensModels, AllTokensRecipes, AllTokensSettings, OwnRecipe } from "./allTokensSettings.ts";
import { PROFILES as MIM_PROFILES } from "./mimProfiles.ts";
import { paper as vitPaper } from "./vitProfiles.ts";

type Profile = Omit<AllTokensSettings, "seed">;

const SINGLE = { views: 1, viewRule: "independent", lrRule: "unique" } as const;
/** Cells of 0.6 (SimMIM; DMJD's own pattern), together all patches. */
const CELLS = { pattern: "cells", maskRatio: 0.6, predRatio: 1 } as const;

/** SimMIM: cells of 32 pixels, 0.6 of them masked. */
const simmimModel = (vit: VitConfig): AllTokensModels["simmim"] => ({
  ...vit,
  ...SINGLE,
  ...CELLS,
  predRatio: CELLS.maskRatio,
});

/** BEiT: 75 of 196 patches in rectangles, their words told. */
const beitModel = (vit: VitConfig, words: Pick<BeitConfig, "vocabulary" | "minPatches">): BeitConfig => ({
  ...vit,
  ...SINGLE,
  maskRatio: 75 / 196,
  predRatio: 75 / 196,
  pattern: "rectangles",
  ...words,
  positions: "relative",
  tokenizer: "projection",
});

/** MaskFeat: 78 of 196 patches in rectangles, none of them smaller than a fifth of these. */
const maskFeatModel = (vit: VitConfig, minPatches: number): AllTokensModels["maskfeat"] => ({
  ...vit,
  ...SINGLE,
  maskRatio: 0.4,
  predRatio: 0.4,
  pattern: "rectangles",
  minPatches,
  gaussian: false,
});

/** Disjoint views: BEiT's keep their rectangles, as the print has no dagger there; views over the baseline's as in Table III. */
const DISJOINT: { [Name in keyof AllTokensModels]: OwnRecipe<unknown>["disjoint"] } = {
  simmim: { ...CELLS, length: 1 },
  beit: { pattern: "rectangles", maskRatio: 75 / 196, predRatio: 150 / 196, length: 0.75 },
  maskfeat: { ...CELLS, length: 0.5 },
};

/** Three methods by the recipe of masked autoencoders at a small scale, on one encoder. */
export function smallRecipes(
  { pretrain, finetune }: Pick<AllTokensSettings, "pretrain" | "finetune">,
  vit: VitConfig,
): AllTokensRecipes {
  const recipe = { pretrain, finetune }, minPatches = 4;
  return {
    simmim: { ...recipe, model: simmimModel(vit), disjoint: DISJOINT.simmim },
    beit: {
      ...recipe,
      model: beitModel(vit, { vocabulary: 256, minPatches }),
      pretrain: { ...pretrain, epochs: 8, warmupEpochs: 1 },
      disjoint: DISJOINT.beit,
    },
    maskfeat: { ...recipe, model: maskFeatModel(vit, minPatches), disjoint: DISJOINT.maskfeat },
  };
}

/** A scale of masked autoencoders with three methods more, on one small encoder. */
function small(base: Omit<AllTokensSettings, "seed" | keyof AllTokensModels | "large">, vit: VitConfig): Profile {
  const { finetune, model: { embedDim, depth } } = base;
  return {
    ...base,
    ...smallRecipes(base, vit),
    large: {
      model: { embedDim: embedDim * 4 / 3, depth, numHeads: 4 },
      finetune: {
        epochs: finetune.epochs,
        lr: finetune.lr,
        layerDecay: finetune.layerDecay,
        dropPath: finetune.dropPath,
      },
    },
  };
}

const { ci: mimCi, twin: mimTwin, paper: mimPaper } = MIM_PROFILES;

/** About four minutes on 2 cores for all rows: to see that everything works. Accuracy means nothing at this length. */
const ci: Profile = small(mimCi, encoderOf(mimCi.model));

/** 120,000 views a run of Tiny-ImageNet-100; encoders that see all patches are half as wide as masked autoencoders. */
const twin: Profile = small(mimTwin, { ...encoderOf(mimTwin.model), embedDim: mimTwin.model.embedDim / 2 });

const BASE: VitConfig = { imageSize: 224, ...VIT_PRESETS["vit-b16"] };
const PAPER = { ...mimPaper.pretrain, betas: [0.9, 0.999] as [number, number], accumulation: 16 };
const TUNED = { ...vitPaper.finetune, layerDecay: 0.65 };

/**
 * Each method's own recipe (SimMIM's and BEiT's code, MaskFeat's yaml; DMJD IV-B-1), but: SimMIM's rate falls by a cosine, not by a
 * tenth at epoch 700; gradients are not clipped; no path is dropped in pre-training; BEiT's words are not DALL-E's.
 */
const paper: Profile = {
  ...mimPaper,
  simmim: {
    model: simmimModel(BASE),
    pretrain: { ...PAPER, epochs: 800, warmupEpochs: 10, baseLr: 5e-5, cropScale: [0.67, 1] },
    finetune: { ...TUNED, lr: 2.5e-3 },
    disjoint: DISJOINT.simmim,
  },
  beit: {
    model: beitModel(BASE, { vocabulary: 8192, minPatches: 16 }),
    pretrain: {
      ...PAPER,
      epochs: 800,
      warmupEpochs: 10,
      baseLr: 1.875e-4,
      minLr: 1e-5,
      betas: [0.9, 0.98],
      cropScale: [0.08, 1],
    },
    finetune: TUNED,
    disjoint: DISJOINT.beit,
  },
  maskfeat: {
    model: maskFeatModel(BASE, 15),
    pretrain: { ...PAPER, epochs: 1600, warmupEpochs: 30, baseLr: 2e-4, minLr: 1e-6, cropScale: [0.5, 1] },
    finetune: TUNED,
    disjoint: DISJOINT.maskfeat,
  },
  large: {
    model: { embedDim: 1024, depth: 24, numHeads: 16 },
    finetune: { epochs: 50, lr: 4e-3, layerDecay: 0.75, dropPath: 0.2 },
  },
};

/** Scales of DMJD's Table III. */
export const PROFILES = { ci, twin, paper };
