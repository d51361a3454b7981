import type { MaeConfig } from "../core/methods/mae/config.ts";

/** Two disjoint views of 4 x 4 patches of 8 pixels, targets of HOG, and a branch for visible patches. */
export const TWO_VIEWS: MaeConfig = {
  imageSize: 32,
  patchSize: 8,
  embedDim: 16,
  depth: 2,
  numHeads: 2,
  mlpRatio: 4,
  maskRatio: 0.75,
  predRatio: 1,
  pattern: "uniform",
  views: 2,
  viewRule: "disjoint",
  target: "hog",
  decoderDim: 16,
  decoderDepth: 1,
  decoderHeads: 2,
  visible: { projector: "mlp3", pairing: "aligned", weight: 1 },
  lrRule: "adaptive",
};

/** What one view has in place of two. */
export const ONE_VIEW = { views: 1, viewRule: "independent", predRatio: 0.75, lrRule: "unique" } as const;
