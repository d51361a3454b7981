import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../engine/program.ts";
import { encodeMasked } from "../../models/maskedTokens.ts";
import { namedLinear, namedNorm, patchRows } from "../../models/vit.ts";
import { allTokensInputs, maskedMean } from "../allTokens.ts";
import { beitEncoder, type BeitShape } from "./config.ts";
import { beitParameters } from "./parameters.ts";

/**
 * BEiT (Bao et al. 2022): all patches go through the encoder, and one linear layer tells the word of each.
 *
 * Inputs: `allTokensInputs`, the target being one row of 0 and 1 a patch. Outputs: `loss` and `lossMasked`, mean
 * cross-entropy of the masked patches, and where `looked` the logits of all.
 */
export function beitProgram(config: BeitShape, rows: number, looked = false): Program {
  return {
    parameters: beitParameters(config),
    inputs: allTokensInputs(config, rows, config.vocabulary),
    build(p, { patches, isMasked, target }) {
      const encoded = patchRows(encodeMasked(p, beitEncoder(config), { patches, isMasked }, rows), rows);
      const predicted = namedLinear(p, "lm_head", namedNorm(p, "norm", encoded)); // [R*N, words]
      const crossEntropy = tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(predicted, -1)), 1, true)); // [R*N, 1]
      const lossMasked = maskedMean(crossEntropy, isMasked);
      return { loss: lossMasked, lossMasked, ...(looked && { predicted }) };
    },
  };
}
