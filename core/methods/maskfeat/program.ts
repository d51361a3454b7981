import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../engine/program.ts";
import { encoderOf, type VitConfig } from "../../models/config.ts";
import { encodeMasked } from "../../models/maskedTokens.ts";
import { namedLinear, namedNorm, patchRows } from "../../models/vit.ts";
import { allTokensInputs, maskedMean } from "../allTokens.ts";
import { HOG_LENGTH } from "./config.ts";
import { HEAD, maskFeatParameters, OUT } from "./parameters.ts";

/**
 * MaskFeat (Wei et al. 2022): all patches go through the encoder, a norm and one linear layer predict their HOG.
 *
 * Inputs: `allTokensInputs`. Outputs: `loss` and `lossMasked`, mean squared error of the masked patches, and where `looked`
 * the predictions of all.
 */
export function maskFeatProgram(config: VitConfig, rows: number, looked = false): Program {
  return {
    parameters: maskFeatParameters(config),
    inputs: allTokensInputs(config, rows, HOG_LENGTH),
    build(p, { patches, isMasked, target }) {
      const encoded = patchRows(encodeMasked(p, encoderOf(config), { patches, isMasked }, rows), rows);
      const predicted = namedLinear(p, OUT, namedNorm(p, HEAD, encoded)); // [R*N, 108]
      const error = tf.mean(tf.squaredDifference(predicted, target), 1, true); // [R*N, 1]
      const lossMasked = maskedMean(error, isMasked);
      return { loss: lossMasked, lossMasked, ...(looked && { predicted }) };
    },
  };
}
