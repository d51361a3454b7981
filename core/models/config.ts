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
  { imageSize, patchSize, embedDim, depth, numHeads, mlpRatio, positions, layerScale }: EncoderConfig,
): EncoderConfig {
  return {
    ...{ imageSize, patchSize, embedDim, depth, numHeads, mlpRatio },
    ...(positions && { positions }),
    ...(layerScale !== undefined && { layerScale }),
  };
}

/** Widths and depths of the standard vision transformers (DeiT, timm). */
export const VIT_PRESETS = {
  "vit-ti16": { patchSize: 16, embedDim: 192, depth: 12, numHeads: 3, mlpRatio: 4 },
  "vit-s16": { patchSize: 16, embedDim: 384, depth: 12, numHeads: 6, mlpRatio: 4 },
  "vit-b16": { patchSize: 16, embedDim: 768, depth: 12, numHeads: 12, mlpRatio: 4 },
} as const;

/** Tokens per side of the patch grid. */
export function gridSize({ imageSize, patchSize }: VitConfig): number {
  return imageSize / patchSize;
}

/** Patch tokens of an image, the class token not counted. */
export function tokenCount(config: VitConfig): number {
  return gridSize(config) ** 2;
}

/** Values of a flattened patch, ordered (channel, row, column) as the official convolution weight is. */
export function patchLength({ patchSize }: VitConfig): number {
  return 3 * patchSize * patchSize;
}
