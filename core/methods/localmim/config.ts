import { lenKeep } from "../../masking/randomMask.ts";
import { tokenCount, VIT_PRESETS, type VitConfig } from "../../models/config.ts";

/** Shape of a LocalMIM model: an encoder and one decoder per stage. */
export interface LocalMimConfig extends VitConfig {
  /** Share of the patches that is masked; 0.75 in the papers. */
  maskRatio: number;
  /** Number of the block after which each stage branches off, counted from 1; [2, 4, 10, 12] for ViT-B. */
  stageBlocks: number[];
  /** Output cells per token side of each stage: 4, 2, 1 or 0.5. */
  stageScales: number[];
  /** Width of every decoder. */
  decoderDim: number;
  /** Heads of every decoder's attention. */
  decoderHeads: number;
  /** Orientation bins of the HOG target. */
  hogBins: number;
}

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

/** Visible tokens of a masked image: int(tokens * (1 - maskRatio)), as in MAE and LocalMIM. */
export function visibleCount(config: LocalMimConfig): number {
  return lenKeep(tokenCount(config), config.maskRatio);
}

/** Side in pixels of one HOG cell of a stage: patchSize / scale. */
export function cellSize(config: LocalMimConfig, stage: number): number {
  return config.patchSize / config.stageScales[stage];
}

/** Channels of a stage's prediction: orientation bins of three colours. */
export function targetChannels({ hogBins }: LocalMimConfig): number {
  return 3 * hogBins;
}
