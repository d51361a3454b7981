import {
  blockParameters,
  linearParameters,
  type ModelParameter,
  normParameters,
  patchEmbedParameters,
  tokenParameter,
} from "../../models/parameters.ts";
import { patchLength } from "../../models/config.ts";
import type { Owner } from "../method.ts";
import { type MaeConfig, targetLength } from "./config.ts";

/** The projector's layers in the released code's sequence, of which numbers 2 and 5 are GELU and 7 is a norm without weights. */
function projectorParameters(config: MaeConfig): ModelParameter[] {
  const { embedDim, decoderDim: dim, visible } = config;
  if (!visible) return [];
  const first = linearParameters("proj_embed.0", embedDim, dim);
  return [
    ...first,
    ...(visible.projector === "linear" ? [] : [
      ...normParameters("proj_embed.1", dim),
      ...linearParameters("proj_embed.3", dim, dim),
      ...normParameters("proj_embed.4", dim),
      ...linearParameters("proj_embed.6", dim, dim),
    ]),
    ...linearParameters("predictor.0", dim, targetLength(config)),
  ];
}

/** All parameters of a masked autoencoder, under the names of MAE's and DMJD's checkpoints; positions are fixed. */
export function maeParameters(config: MaeConfig): ModelParameter[] {
  const { embedDim, patchSize, depth, mlpRatio, decoderDim } = config;
  return [
    tokenParameter("cls_token", embedDim),
    tokenParameter("mask_token", decoderDim),
    ...patchEmbedParameters(embedDim, patchSize, patchLength(config)),
    ...Array.from({ length: depth }, (_, i) => blockParameters(`blocks.${i}`, embedDim, mlpRatio)).flat(),
    ...normParameters("norm", embedDim),
    ...predictingParameters(config, mlpRatio),
  ];
}

/**
 * Parameters behind the encoder: decoder, projector and predictor.
 *
 * @param mlpRatio of the decoder's blocks
 */
export function predictingParameters(config: MaeConfig, mlpRatio: number): ModelParameter[] {
  const { embedDim, decoderDim, decoderDepth } = config;
  return [
    ...linearParameters("decoder_embed", embedDim, decoderDim),
    ...Array.from({ length: decoderDepth }, (_, i) => blockParameters(`decoder_blocks.${i}`, decoderDim, mlpRatio))
      .flat(),
    ...normParameters("decoder_norm", decoderDim),
    ...linearParameters("decoder_pred", decoderDim, targetLength(config)),
    ...projectorParameters(config),
  ];
}

/** The owner of a parameter; what stands behind the last block is its stage's and never freezes. */
export function maeOwner(name: string): Owner {
  if (name === "cls_token") return "clsToken";
  if (name.startsWith("patch_embed.")) return { layer: 0 };
  const block = /^blocks\.(\d+)\./.exec(name);
  if (block) return { layer: Number(block[1]) + 1 };
  if (/^(norm|mask_token|decoder_|proj_embed\.|predictor\.)/.test(name)) return { stage: 0 };
  throw new RangeError(`Cannot say what '${name}' belongs to: want a parameter of a masked autoencoder`);
}
