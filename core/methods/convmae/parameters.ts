import { fusionParameters, hybridParameters } from "../../models/hybrid.ts";
import { type ModelParameter, normParameters, tokenParameter } from "../../models/parameters.ts";
import type { Owner } from "../method.ts";
import { predictingParameters } from "../mae/parameters.ts";
import type { ConvMaeConfig } from "./config.ts";

/** All parameters of a hybrid masked autoencoder, under the names of ConvMAE's and DMJD's checkpoints; positions are fixed. */
export function convMaeParameters(config: ConvMaeConfig): ModelParameter[] {
  return [
    tokenParameter("mask_token", config.decoderDim),
    ...hybridParameters(config),
    ...fusionParameters(config),
    ...normParameters("norm", config.embedDim),
    ...predictingParameters(config, config.stages.mlpRatio),
  ];
}

/** The owner of a parameter: both convolution stages and all embeddings are layer 0; what stands behind the last block never freezes. */
export function convMaeOwner(name: string): Owner {
  if (/^(patch_embed\d|blocks[12])\./.test(name)) return { layer: 0 };
  const block = /^blocks3\.(\d+)\./.exec(name);
  if (block) return { layer: Number(block[1]) + 1 };
  if (/^(norm|mask_token|stage\d_output_decode|decoder_|proj_embed\.|predictor\.)/.test(name)) return { stage: 0 };
  throw new RangeError(`Cannot say what '${name}' belongs to: want a parameter of ConvMAE`);
}
