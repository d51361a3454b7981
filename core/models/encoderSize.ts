import { sizeOf } from "../engine/program.ts";
import { patchLength, type VitConfig } from "./config.ts";
import { blockParameters, normParameters, patchEmbedParameters, tokenParameter } from "./parameters.ts";

/**
 * How many numbers a ViT encoder trains: class token, patch embedding, blocks and the last norm; positions are fixed and
 * there is no head (MAE, LocalMIM: 85.65 million for ViT-B).
 */
export function encoderSize(config: VitConfig): number {
  const { embedDim, patchSize, depth, mlpRatio } = config;
  const parameters = [
    tokenParameter("cls_token", embedDim),
    ...patchEmbedParameters(embedDim, patchSize, patchLength(config)),
    ...Array.from({ length: depth }, (_, i) => blockParameters(`blocks.${i}`, embedDim, mlpRatio)).flat(),
    ...normParameters("norm", embedDim),
  ];
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
