/** Shape of a vision transformer; names as in timm. */
export interface VitConfig {
  /** Side of the square input, pixels. */
  imageSize: number;
  /** Side of a patch, pixels. */
  patchSize: number;
  /** Width of a token. */
  embedDim: number;
  /** Number of blocks. */
  depth: number;
  /** Heads of every attention. */
  numHeads: number;
  /** Width of a block's MLP over `embedDim`. */
  mlpRatio: number;
  /** Convolution stages in front of the blocks, in place of a class token; a plain vision transformer has none. */
  stages?: ConvStages;
  /** Stages of a Swin transformer, whose tokens attend within windows; it has no class token either. */
  swin?: SwinShape;
}

/** What a Swin transformer (Liu et al. 2021) has in place of one stack of blocks; the config around it tells its last stage. */
export interface SwinShape {
  /** Blocks of each stage; from one to the next, four tokens become one of twice the width. */
  depths: number[];
  /** Heads of each stage's attention. */
  numHeads: number[];
  /** Side of the windows within which tokens attend to each other, tokens. */
  window: number;
}

/** The two convolution stages of a hybrid encoder (ConvMAE, Gao et al. 2022, section 3). */
export interface ConvStages {
  /** Pixels per side of the first stage's patches, and of those per side of the second's; the blocks' take what is left. */
  patchSizes: [number, number];
  /** Channels. */
  dims: [number, number];
  /** Blocks. */
  depths: [number, number];
  /** Width of a stage's MLP over its channels. */
  mlpRatio: number;
  /** Added to the variance in the stages' and embeddings' norms: 1e-5 in the released code, which has 1e-6 elsewhere. */
  normEps: number;
}

/** A vision transformer whose positions or blocks may be BEiT's. */
export interface EncoderConfig extends VitConfig {
  /** Biases of attention by relative position, and no positions of tokens; positions of tokens unless given. */
  positions?: "relative";
  /**
   * Factors on both branches of a block at the start; with them, biases are on query and value alone. No factors unless given.
   */
  layerScale?: number;
}

/** The keys of an encoder alone, out of a config that has more. */
export function encoderOf(
  { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio, positions, layerScale, stages, swin }: EncoderConfig,
): EncoderConfig {
  return {
    ...{ imageSize, patchSize, embedDim, depth, numHeads, mlpRatio },
    ...(positions && { positions }),
    ...(layerScale !== undefined && { layerScale }),
    ...(stages && { stages }),
    ...(swin && { swin }),
  };
}

/** Widths and depths of the standard vision transformers (DeiT, timm). */
export const VIT_PRESETS = {
  "vit-ti16": { patchSize: 16, embedDim: 192, depth: 12, numHeads: 3, mlpRatio: 4 },
  "vit-s16": { patchSize: 16, embedDim: 384, depth: 12, numHeads: 6, mlpRatio: 4 },
  "vit-b16": { patchSize: 16, embedDim: 768, depth: 12, numHeads: 12, mlpRatio: 4 },
} as const;

/** Stages and blocks of ConvMAE's hybrid encoders; ConvMAE's stages have an `mlpRatio` of 4, DMJD's of 8. */
export const CONVIT_PRESETS = {
  "convit-b16": {
    patchSize: 16,
    embedDim: 768,
    depth: 11,
    numHeads: 12,
    mlpRatio: 4,
    stages: { patchSizes: [4, 2], dims: [256, 384], depths: [2, 2], mlpRatio: 4, normEps: 1e-5 },
  },
  "convit-l16": {
    patchSize: 16,
    embedDim: 1024,
    depth: 23,
    numHeads: 16,
    mlpRatio: 4,
    stages: { patchSizes: [4, 2], dims: [384, 768], depths: [2, 2], mlpRatio: 8, normEps: 1e-5 },
  },
} satisfies Record<string, Omit<VitConfig, "imageSize">>;

/** Class tokens in front of the patches' tokens: one, or none where there are convolution stages or windows. */
export function classTokens({ stages, swin }: Pick<VitConfig, "stages" | "swin">): 0 | 1 {
  return stages || swin ? 0 : 1;
}

/** Tokens per side of the patch grid. */
export function gridSize({ imageSize, patchSize }: VitConfig): number {
  return imageSize / patchSize;
}

/** Patch tokens of an image, the class token not counted. */
export function tokenCount(config: VitConfig): number {
  return gridSize(config) ** 2;
}

/** Values of a flattened patch, ordered (channel, row, column) as the official convolution weight is. */
export function patchLength({ patchSize }: Pick<VitConfig, "patchSize">): number {
  return 3 * patchSize * patchSize;
}
