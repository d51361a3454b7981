import * as tf from "@tensorflow/tfjs-core";
import { gatherRows } from "../../engine/ops.ts";
import type { Program } from "../../engine/program.ts";
import { classTokens } from "../../models/config.ts";
import type { ModelParameter } from "../../models/parameters.ts";
import { patchRows } from "../../models/vit.ts";
import { type MaeOptions, targetLength } from "./config.ts";
import { decodeTokens, encode, predictTokens, predictVisible } from "./network.ts";
import { maeParameters } from "./parameters.ts";
import { type Encode, maeInputs } from "./program.ts";

/** The encoder alone, on the inputs of the whole; `loss` is the mean square of what it gives. */
export function maeEncoderProgram(options: MaeOptions): Program {
  return {
    parameters: maeParameters(options.config),
    inputs: maeInputs(options),
    build: (p, inputs) => ({ loss: tf.mean(tf.square(encode(p, inputs, options))) }),
  };
}

/** Predictions of all patches, [R*N, C], visible ones by their own branch where there is one; on the inputs of the whole. */
export function maeViewProgram(
  options: MaeOptions,
  parameters: ModelParameter[] = maeParameters(options.config),
  encoder: Encode = encode,
): Program {
  const { config, rows } = options, C = targetLength(config);
  const patches = (x: tf.Tensor) => classTokens(config) ? patchRows(x, rows) : x;
  return {
    parameters,
    inputs: maeInputs(options),
    build(p, inputs) {
      const latent = encoder(p, inputs, options), masked = inputs.isMasked;
      const all = predictTokens(p, decodeTokens(p, latent, inputs, options)); // [R*(N+1), C]
      if (!config.visible) return { predicted: patches(all) };
      const own = tf.concat([predictVisible(p, latent, config), tf.zeros([1, C])], 0);
      const placed = gatherRows(own, inputs.sources, inputs.sourcesInverse); // [R*(N+1), C]
      const both = tf.add(tf.mul(all, masked), tf.mul(placed, tf.sub(1, masked)));
      return { predicted: patches(both) };
    },
  };
}
