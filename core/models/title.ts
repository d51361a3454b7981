import type { VitConfig } from "./config.ts";
import { isSwin, swinStages } from "./swin/config.ts";

/** A vision transformer in a few words, e.g. "ViT 96x12, patch 8, 64 px", or "Swin 16x2, 32x2, patch 8, 64 px". */
export function vitTitle(config: VitConfig): string {
  const { embedDim, depth, patchSize, imageSize } = config;
  const blocks = isSwin(config)
    ? `Swin ${swinStages(config).map(({ dim, depth }) => `${dim}x${depth}`).join(", ")}`
    : `ViT ${embedDim}x${depth}`;
  return `${blocks}, patch ${patchSize}, ${imageSize} px`;
}
