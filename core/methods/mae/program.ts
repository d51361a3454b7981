import * as tf from "@tensorflow/tfjs-core";
import type { InputSpec, Parameters, Program } from "../../engine/program.ts";
import { classTokens, patchLength, tokenCount } from "../../models/config.ts";
import type { ModelParameter } from "../../models/parameters.ts";
import { patchRows } from "../../models/vit.ts";
import { type MaeOptions, maskCounts, targetLength } from "./config.ts";
import { cosineDistance, smoothL1 } from "./losses.ts";
import { decode, encode, predictVisible } from "./network.ts";
import { maeParameters } from "./parameters.ts";

/** Inputs of the program; see `maeFeeds`. R views, V visible and M masked patches of N. */
export function maeInputs({ config, rows: R }: MaeOptions): Record<string, InputSpec> {
  const { visible: V, masked: M } = maskCounts(config), C = targetLength(config), cls = classTokens(config);
  const N = tokenCount(config) + cls;
  return {
    patches: { shape: [R * V, patchLength(config)], dtype: "float32" },
    visible: { shape: [R * V], dtype: "int32" },
    ...(config.stages && { visibleRows: { shape: [R * V], dtype: "int32" as const } }),
    sources: { shape: [R * N], dtype: "int32" },
    sourcesInverse: { shape: [R * (V + cls) + 1], dtype: "int32" },
    isMasked: { shape: [R * N, 1], dtype: "float32" },
    maskedRows: { shape: [R * M], dtype: "int32" },
    maskedInverse: { shape: [R * N], dtype: "int32" },
    target: { shape: [R * M, C], dtype: "float32" },
    ...(config.visible && { targetVisible: { shape: [R * V, C], dtype: "float32" as const } }),
  };
}

/**
 * A masked autoencoder (He et al. 2022): the encoder sees the visible patches, a decoder of several blocks predicts the masked ones
 * from them and mask tokens; with `visible` a second branch predicts the visible ones' targets (DMJD).
 *
 * Outputs: `loss`, `lossMasked` (mean squared error of the masked patches) and with the branch `lossVisible` (smooth L1, beta 2);
 * of a teacher's features by choice 1 - cos instead of both.
 */
export function maeProgram(options: MaeOptions): Program {
  return autoencoder(options, maeParameters(options.config), encode);
}

/** The encoder: inputs of the program to the tokens of all views, [R*(V+1), D]; [R*V, D] where there is no class token. */
export type Encode = (p: Parameters, inputs: Record<string, tf.Tensor>, options: MaeOptions) => tf.Tensor;

/** The same with another encoder. */
export function autoencoder(options: MaeOptions, parameters: ModelParameter[], encode: Encode): Program {
  const { config, rows, looked } = options, isCosine = config.teacher?.loss === "cosine";
  return {
    parameters,
    inputs: maeInputs(options),
    build(p, inputs) {
      const latent = encode(p, inputs, options); // [R*(V+1), D]
      const predicted = decode(p, latent, inputs, options); // [R*M, C]
      const lossMasked = isCosine
        ? cosineDistance(predicted, inputs.target)
        : tf.mean(tf.squaredDifference(predicted, inputs.target));
      const seen: Record<string, tf.Tensor> = looked ? { latent, predicted } : {};
      if (!config.visible) return { loss: lossMasked, lossMasked, ...seen };
      const patches = config.stages ? latent : patchRows(latent, rows);
      const own = predictVisible(p, patches, config); // [R*V, C]
      const lossVisible = isCosine
        ? cosineDistance(own, inputs.targetVisible)
        : smoothL1(tf.sub(own, inputs.targetVisible));
      const loss = tf.add(lossMasked, tf.mul(lossVisible, config.visible.weight));
      return { loss, lossMasked, lossVisible, ...(looked && { ...seen, predictedVisible: own }) };
    },
  };
}
