import * as tf from "@tensorflow/tfjs-core";
import { layerNorm } from "../engine/ops.ts";
import type { ParameterSpec, Program } from "../engine/program.ts";
import { classifierParameters, transferredParameters } from "../models/classifier.ts";
import { type EncoderConfig, gridSize, patchLength, tokenCount } from "../models/config.ts";
import { encodeHybrid, isHybrid, wholeImages } from "../models/hybrid.ts";
import { sincosPosEmbed2d } from "../models/posEmbed.ts";
import { encodeWhole } from "../models/wholeEncoder.ts";

/** What of the encoder's last tokens is the feature of an image: the mean of the patch tokens, or the class token. */
export type Pool = "mean" | "cls";

/**
 * Parameters of a frozen encoder: those that fine-tuning takes over as well.
 *
 * @param learned whether its positions are learned, and so among them; else they are fixed
 */
export function encoderSpecs(model: EncoderConfig, learned = false): ParameterSpec[] {
  const config = { ...model, numClasses: 1 };
  const taken = new Set([...transferredParameters(config), ...(learned ? ["pos_embed"] : [])]);
  return classifierParameters(config).filter(({ name }) => taken.has(name)).map(({ name, shape }) => ({ name, shape }));
}

/**
 * Features of a frozen encoder that sees all patches: `patches` [B*N, 3*p*p] in, `features` [B, D] out. The pooled tokens pass
 * a layer norm without gain and bias, so that encoders with and without a norm behind their last block are treated alike.
 *
 * @param learned whether the positions are learned: `pos_embed` [1, N+1, D] among the parameters
 */
export function featureProgram(model: EncoderConfig, batch: number, pool: Pool, learned = false): Program {
  const N = tokenCount(model), { embedDim: dim } = model;
  return {
    parameters: encoderSpecs(model, learned),
    inputs: { patches: { shape: [batch * N, patchLength(model)], dtype: "float32" } },
    build(p, { patches }) {
      if (isHybrid(model)) {
        const fixed = sincosPosEmbed2d(dim, gridSize(model)).slice(dim);
        const positions = learned ? p("pos_embed") : tf.tensor3d(fixed, [1, N, dim]); // [1, N, D]
        const layout = wholeImages(batch, gridSize(model));
        const x = encodeHybrid(p, model, patches, { layout, positions, fused: false });
        return { features: featureNorm(tf.mean(tf.reshape(x, [batch, N, dim]), 1)) };
      }
      const positions = () =>
        learned ? p("pos_embed") : tf.tensor3d(sincosPosEmbed2d(dim, gridSize(model)), [1, N + 1, dim]); // [1, N+1, D]
      const x = encodeWhole(p, model, { patches, batch, positions });
      const weights = pool === "mean" ? [0, ...new Array<number>(N).fill(1 / N)] : [1, ...new Array<number>(N).fill(0)];
      const share = tf.tensor3d(weights, [1, N + 1, 1]);
      const pooled = tf.sum(tf.mul(tf.reshape(x, [batch, N + 1, dim]), share), 1); // [B, D]
      return { features: featureNorm(pooled) };
    },
  };
}

/** A layer norm without gain and bias. */
function featureNorm(pooled: tf.Tensor): tf.Tensor {
  const dim = pooled.shape[1]!;
  return layerNorm(pooled, tf.ones([dim]), tf.zeros([dim]));
}

/** What of a pooling does not fit an encoder: value found, value wanted. */
export function poolFault(model: EncoderConfig, pool: Pool): string | undefined {
  return isHybrid(model) && pool === "cls"
    ? `pool cls: want mean, for a model with stages has no class token`
    : undefined;
}
