import * as tf from "@tensorflow/tfjs-core";
import type { Program } from "../../engine/program.ts";
import type { VitConfig } from "../../models/config.ts";
import { encodeMasked, type MaskedVit, maskedVitParameters } from "../../models/maskedTokens.ts";
import { linearParameters, type ModelParameter, normParameters } from "../../models/parameters.ts";
import { namedLinear, namedNorm } from "../../models/vit.ts";
import { allTokensInputs, maskedMean, patchRows } from "../allTokens.ts";

/** Shape of a BEiT model. */
export interface BeitShape extends VitConfig {
  /** Words that a patch may be. */
  vocabulary: number;
}

/** The encoder: biases by relative position, branches scaled by 0.1 at the start. */
export function beitEncoder(config: VitConfig): MaskedVit {
  return { ...config, positions: "relative", layerScale: 0.1 };
}

/** All parameters of a BEiT model, under the names of the official checkpoint. */
export function beitParameters(config: BeitShape): ModelParameter[] {
  const { embedDim, vocabulary } = config;
  return [
    ...maskedVitParameters(beitEncoder(config)),
    ...normParameters("norm", embedDim),
    ...linearParameters("lm_head", embedDim, vocabulary),
  ];
}

/**
 * BEiT (Bao et al. 2022): all patches go through the encoder, and one linear layer tells the word of each.
 *
 * Inputs: `allTokensInputs`, the target being one row of 0 and 1 a patch. Outputs: `loss`, mean cross-entropy of the masked patches,
 * and where `looked` the logits of all.
 */
export function beitProgram(config: BeitShape, rows: number, looked = false): Program {
  return {
    parameters: beitParameters(config),
    inputs: allTokensInputs(config, rows, config.vocabulary),
    build(p, { patches, isMasked, target }) {
      const encoded = patchRows(encodeMasked(p, beitEncoder(config), { patches, isMasked }, rows), rows);
      const predicted = namedLinear(p, "lm_head", namedNorm(p, "norm", encoded)); // [R*N, words]
      const crossEntropy = tf.neg(tf.sum(tf.mul(target, tf.logSoftmax(predicted, -1)), 1, true)); // [R*N, 1]
      return { loss: maskedMean(crossEntropy, isMasked), ...(looked && { predicted }) };
    },
  };
}
