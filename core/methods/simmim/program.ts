import * as tf from "@tensorflow/tfjs-core";
import { type Gradient, withGradient } from "../../engine/fusedKernel.ts";
import type { Parameters, Program } from "../../engine/program.ts";
import { patchLength, type VitConfig } from "../../models/config.ts";
import { encodeMasked } from "../../models/maskedTokens.ts";
import { isSwin, type SwinConfig } from "../../models/swin/config.ts";
import { encodeSwin, SWIN_EPS } from "../../models/swin/encode.ts";
import { namedLinear, namedNorm, patchRows } from "../../models/vit.ts";
import { allTokensInputs } from "../allTokens.ts";
import { simMimEncoder } from "./config.ts";
import { PREFIX, simMimParameters } from "./parameters.ts";

interface MaskedPatches {
  patches: tf.Tensor;
  isMasked: tf.Tensor;
}

/** Added to the count of masked pixels (SimMIM code). */
const EPS = 1e-5;

/**
 * SimMIM (Xie et al. 2022): all patches go through the encoder, and one linear layer predicts the pixels.
 *
 * Inputs: `allTokensInputs`, the target being pixels by (channel, row, column). Outputs: `loss` and `lossMasked`, mean distance
 * of the masked pixels, and where `looked` the predictions of all patches.
 */
export function simMimProgram(config: VitConfig, rows: number, looked = false): Program {
  return {
    parameters: simMimParameters(config),
    inputs: allTokensInputs(config, rows, patchLength(config)),
    build(p, { patches, isMasked, target }) {
      const latent = isSwin(config)
        ? latentSwin(p, config, { patches, isMasked }, rows)
        : latentVit(p, config, { patches, isMasked }, rows); // [R*N, D]
      const predicted = namedLinear(p, "decoder.0", latent); // [R*N, 3*p*p]
      const distance = tf.sum(tf.mul(absolute(tf.sub(predicted, target)), isMasked));
      const pixels = tf.add(tf.mul(tf.sum(isMasked), config.patchSize ** 2), EPS);
      const lossMasked = tf.div(tf.div(distance, pixels), 3);
      return { loss: lossMasked, lossMasked, ...(looked && { latent, predicted }) };
    },
  };
}

function latentVit(p: Parameters, config: VitConfig, inputs: MaskedPatches, rows: number): tf.Tensor {
  const encoded = encodeMasked(p, simMimEncoder(config), inputs, rows, PREFIX);
  return namedNorm(p, `${PREFIX}norm`, patchRows(encoded, rows));
}

function latentSwin(all: Parameters, config: SwinConfig, inputs: MaskedPatches, rows: number): tf.Tensor {
  const p: Parameters = (name) => all(PREFIX + name), { patches, isMasked } = inputs;
  const encoded = encodeSwin(p, config, patches, { batch: rows, isMasked });
  return namedNorm(p, "norm", encoded, SWIN_EPS);
}

/** Steeper than any difference is small. */
const STEEP = 1e38;

/** |x|, whose gradient is the sign of x. */
function absolute(x: tf.Tensor): tf.Tensor {
  return withGradient([x], (save, x) => {
    save([x]);
    const gradFunc: Gradient = (dy, [x]) => [tf.mul(dy, tf.minimum(tf.maximum(tf.mul(x, STEEP), -1), 1))];
    return { value: tf.abs(x), gradFunc };
  });
}
