import * as tf from "@tensorflow/tfjs-core";
import type { ParameterSpec, Program } from "../engine/program.ts";
import { classifierParameters, transferredParameters } from "../models/classifier.ts";
import { classTokens, type EncoderConfig, gridSize, patchLength, tokenCount } from "../models/config.ts";
import { sincosPosEmbed2d } from "../models/posEmbed.ts";
import { plainNorm } from "../models/vit.ts";
import { type Pool, pooledFeatures } from "../models/wholeEncoder.ts";

export type { Pool };

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
  const N = tokenCount(model), cls = classTokens(model), { embedDim: dim } = model;
  return {
    parameters: encoderSpecs(model, learned),
    inputs: { patches: { shape: [batch * N, patchLength(model)], dtype: "float32" } },
    build(p, { patches }) {
      const shape: [number, number, number] = [1, N + cls, dim];
      const positions = () =>
        learned ? p("pos_embed") : tf.tensor3d(sincosPosEmbed2d(dim, gridSize(model), cls), shape); // [1, N+1, D]
      return { features: plainNorm(pooledFeatures(p, model, { patches, batch, positions }, pool)) };
    },
  };
}

/** What of a pooling does not fit an encoder: value found, value wanted. */
export function poolFault(model: EncoderConfig, pool: Pool): string | undefined {
  return classTokens(model) === 0 && pool === "cls"
    ? `pool cls: want mean, for a model with stages has no class token`
    : undefined;
}
