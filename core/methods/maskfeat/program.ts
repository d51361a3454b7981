import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../engine/program.ts";
import type { VitConfig } from "../../models/config.ts";
import { encodeMasked, type MaskedVit, maskedVitParameters } from "../../models/maskedTokens.ts";
import { linearParameters, type ModelParameter, normParameters } from "../../models/parameters.ts";
import { namedLinear, namedNorm } from "../../models/vit.ts";
import { allTokensInputs, maskedMean, patchRows } from "../allTokens.ts";

/** Orientation bins of three colours in 2 x 2 cells of a patch. */
export const HOG_LENGTH = 108;

/** The encoder: learned positions, no factors on branches. */
export function maskFeatEncoder(config: VitConfig): MaskedVit {
  return { ...config, positions: "absolute", layerScale: null };
}

const HEAD = "pred_head.transforms.0.0", OUT = "pred_head.projections.0";

/** All parameters of a MaskFeat model, under the names of the official checkpoint. */
export function maskFeatParameters(config: VitConfig): ModelParameter[] {
  return [
    ...maskedVitParameters(maskFeatEncoder(config)),
    ...normParameters(HEAD, config.embedDim),
    ...linearParameters(OUT, config.embedDim, HOG_LENGTH),
  ];
}

/**
 * MaskFeat (Wei et al. 2022): all patches go through the encoder, a norm and one linear layer predict their HOG.
 *
 * Inputs: `allTokensInputs`. Outputs: `loss`, mean squared error of the masked patches, and where `looked` the predictions of all.
 */
export function maskFeatProgram(config: VitConfig, rows: number, looked = false): Program {
  return {
    parameters: maskFeatParameters(config),
    inputs: allTokensInputs(config, rows, HOG_LENGTH),
    build(p, { patches, isMasked, target }) {
      const encoded = patchRows(encodeMasked(p, maskFeatEncoder(config), { patches, isMasked }, rows), rows);
      const predicted = namedLinear(p, OUT, namedNorm(p, HEAD, encoded)); // [R*N, 108]
      const error = tf.mean(tf.squaredDifference(predicted, target), 1, true); // [R*N, 1]
      return { loss: maskedMean(error, isMasked), ...(looked && { predicted }) };
    },
  };
}
