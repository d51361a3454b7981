import type { BeitConfig } from "../core/methods/beit/config.ts";
import type { MaskFeatConfig } from "../core/methods/maskfeat/config.ts";
import type { SimMimConfig } from "../core/methods/simmim/config.ts";

/*
 * Small models whose encoder sees all patches, with two disjoint views of 4 x 4 patches.
 */

export const VIT = { imageSize: 32, patchSize: 8, embedDim: 16, depth: 2, numHeads: 2, mlpRatio: 4 };
const TWO = { views: 2, viewRule: "disjoint", lrRule: "adaptive" } as const;
export const SIMMIM: SimMimConfig = { ...VIT, ...TWO, maskRatio: 0.5, predRatio: 1, pattern: "cells" };
export const RECTANGLES = { ...TWO, maskRatio: 0.4, predRatio: 0.8, pattern: "rectangles", minPatches: 2 } as const;
const MASKFEAT: MaskFeatConfig = { ...VIT, ...RECTANGLES, gaussian: false };
export const BEIT: BeitConfig = {
  ...VIT,
  ...RECTANGLES,
  vocabulary: 12,
  positions: "relative",
  tokenizer: "projection",
};
export const ALL = { simmim: SIMMIM, beit: BEIT, maskfeat: MASKFEAT };
