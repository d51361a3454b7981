import { gridSize, type SwinShape, type VitConfig } from "../config.ts";

/** A Swin transformer: `patchSize`, `embedDim` and `numHeads` are those of its last stage, `depth` is all its blocks. */
export interface SwinConfig extends VitConfig {
  swin: SwinShape;
}

/** A stage of a Swin transformer. */
export interface SwinStage {
  depth: number;
  heads: number;
  /** Width of a token. */
  dim: number;
  /** Tokens per side. */
  grid: number;
  /** Side of its windows: all of a grid that is no larger. */
  window: number;
  /** How far the windows of every second block are moved. */
  shift: number;
}

/** Whether an encoder is a Swin transformer. */
export function isSwin(config: VitConfig): config is SwinConfig {
  return config.swin !== undefined;
}

/** Tokens per side of the first stage for one of the last. */
export function firstPerLast({ swin: { depths } }: SwinConfig): number {
  return 2 ** (depths.length - 1);
}

/** The stages, first one first. */
export function swinStages(config: SwinConfig): SwinStage[] {
  const { embedDim, swin } = config, last = swin.depths.length - 1;
  return swin.depths.map((depth, i) => {
    const grid = gridSize(config) * 2 ** (last - i), window = Math.min(swin.window, grid);
    const shift = grid <= swin.window ? 0 : Math.floor(window / 2);
    return { depth, heads: swin.numHeads[i], dim: embedDim / 2 ** (last - i), grid, window, shift };
  });
}

/**
 * The layer of a parameter, for freezing and for layer-wise decay: patch embedding and mask token 0, blocks from 1 through all
 * stages; what joins tokens behind a stage is of its last block's (SimMIM code). Nothing for what stands behind the blocks.
 */
export function swinLayer(name: string, { depths }: SwinShape): number | undefined {
  if (/^(patch_embed\.|mask_token$)/.test(name)) return 0;
  const [, stage, block] = /^layers\.(\d+)\.(?:blocks\.(\d+)|downsample)\./.exec(name) ?? [];
  if (stage === undefined) return undefined;
  const before = depths.slice(0, Number(stage)).reduce((sum, each) => sum + each, 0);
  return before + (block === undefined ? depths[Number(stage)] : Number(block) + 1);
}

/** A value of a Swin transformer's shape that does not fit another one: key, value found, value wanted. */
export function swinFault(config: SwinConfig): string | undefined {
  const { patchSize, embedDim, depth, numHeads, mlpRatio, swin } = config, { depths, window } = swin;
  const merged = firstPerLast(config), blocks = depths.reduce((sum, each) => sum + each, 0);
  if (swin.numHeads.length !== depths.length) {
    return `swin.numHeads [${swin.numHeads}]: want one for each of the ${depths.length} stages of swin.depths`;
  }
  if (blocks !== depth) return `depth ${depth}: want ${blocks}, the blocks of swin.depths [${depths}]`;
  if (swin.numHeads.at(-1) !== numHeads) return `numHeads ${numHeads}: want ${swin.numHeads.at(-1)}, the last stage's`;
  if (patchSize % merged) {
    return `patchSize ${patchSize}: want a multiple of ${merged}, for it is that of the last stage`;
  }
  if (embedDim % merged) return `embedDim ${embedDim}: want a multiple of ${merged}, for it is that of the last stage`;
  for (const [i, { dim, heads, grid, window: side }] of swinStages(config).entries()) {
    if (dim % heads) {
      return `swin.numHeads [${swin.numHeads}]: want such that ${heads} divides stage ${i + 1}'s width ${dim}`;
    }
    if (grid % side) {
      return `swin.window ${window}: want one that divides the ${grid} tokens per side of stage ${i + 1}`;
    }
    if (!Number.isInteger(dim * mlpRatio)) return `mlpRatio ${mlpRatio}: want one that makes a whole number of ${dim}`;
  }
}
