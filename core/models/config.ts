import { lenKeep } from "../masking/randomMask.ts";

/** Shape of a vision transformer; names as in timm. */
export interface VitConfig {
  /** Side of the square input, pixels. */
  imageSize: number;
  /** Side of a patch, pixels. */
  patchSize: number;
  embedDim: number;
  depth: number;
  numHeads: number;
  mlpRatio: number;
}

/** Shape of a LocalMIM model: an encoder and one decoder per stage. */
export interface LocalMimConfig extends VitConfig {
  maskRatio: number;
  /** Number of the block after which each stage branches off, counted from 1; [2, 4, 10, 12] for ViT-B. */
  stageBlocks: number[];
  /** Output cells per token side of each stage: 4, 2, 1 or 0.5. */
  stageScales: number[];
  decoderDim: number;
  decoderHeads: number;
  /** Orientation bins of the HOG target. */
  hogBins: number;
}

/** Widths and depths of the standard vision transformers (DeiT, timm). */
export const VIT_PRESETS = {
  "vit-ti16": { patchSize: 16, embedDim: 192, depth: 12, numHeads: 3, mlpRatio: 4 },
  "vit-s16": { patchSize: 16, embedDim: 384, depth: 12, numHeads: 6, mlpRatio: 4 },
  "vit-b16": { patchSize: 16, embedDim: 768, depth: 12, numHeads: 12, mlpRatio: 4 },
} as const;

/** LocalMIM's targets: after blocks 2, 4, 10 and 12, four cell sizes, nine bins (LocalMIM; thesis 3.3). */
export const LOCALMIM_TARGETS = {
  maskRatio: 0.75,
  stageBlocks: [2, 4, 10, 12],
  stageScales: [4, 2, 1, 0.5],
  hogBins: 9,
};

/** The published pre-training model: LocalMIM-HOG on ViT-B/16 at 224 pixels. */
export const LOCALMIM_VIT_B: LocalMimConfig = {
  imageSize: 224,
  ...VIT_PRESETS["vit-b16"],
  ...LOCALMIM_TARGETS,
  decoderDim: 256,
  decoderHeads: 8,
};

/** Tokens per side of the patch grid. */
export function gridSize({ imageSize, patchSize }: VitConfig): number {
  return imageSize / patchSize;
}

/** Patch tokens of an image, the class token not counted. */
export function tokenCount(config: VitConfig): number {
  return gridSize(config) ** 2;
}

/** Visible tokens of a masked image: int(tokens * (1 - maskRatio)), as in MAE and LocalMIM. */
export function visibleCount(config: LocalMimConfig): number {
  return lenKeep(tokenCount(config), config.maskRatio);
}

/** Values of a flattened patch, ordered (channel, row, column) as the official convolution weight is. */
export function patchLength({ patchSize }: VitConfig): number {
  return 3 * patchSize * patchSize;
}

/** Side in pixels of one HOG cell of a stage: patchSize / scale. */
export function cellSize(config: LocalMimConfig, stage: number): number {
  return config.patchSize / config.stageScales[stage];
}

/** Channels of a stage's prediction: orientation bins of three colours. */
export function targetChannels({ hogBins }: LocalMimConfig): number {
  return 3 * hogBins;
}
