import * as tf from "@tensorflow/tfjs-core";
import type { InputSpec, Program } from "../../engine/program.ts";
import { patchLength, tokenCount } from "../../models/config.ts";
import { type MaeOptions, maskCounts, targetLength } from "./config.ts";
import { cosineDistance, smoothL1 } from "./losses.ts";
import { decode, encode, patchRows, predictVisible } from "./network.ts";
import { maeParameters } from "./parameters.ts";

/** Inputs of the program; see `maeFeeds`. R views, V visible and M masked patches of N. */
export function maeInputs({ config, rows: R }: MaeOptions): Record<string, InputSpec> {
  const N = tokenCount(config), { visible: V, masked: M } = maskCounts(config), C = targetLength(config);
  return {
    patches: { shape: [R * V, patchLength(config)], dtype: "float32" },
    visible: { shape: [R * V], dtype: "int32" },
    sources: { shape: [R * (N + 1)], dtype: "int32" },
    sourcesInverse: { shape: [R * (V + 1) + 1], dtype: "int32" },
    isMasked: { shape: [R * (N + 1), 1], dtype: "float32" },
    maskedRows: { shape: [R * M], dtype: "int32" },
    maskedInverse: { shape: [R * (N + 1)], dtype: "int32" },
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
  const { config, rows, looked } = options, isCosine = config.teacher?.loss === "cosine";
  return {
    parameters: maeParameters(config),
    inputs: maeInputs(options),
    build(p, inputs) {
      const latent = encode(p, inputs, options); // [R*(V+1), D]
      const predicted = decode(p, latent, inputs, options); // [R*M, C]
      const lossMasked = isCosine
        ? cosineDistance(predicted, inputs.target)
        : tf.mean(tf.squaredDifference(predicted, inputs.target));
      const seen: Record<string, tf.Tensor> = looked ? { latent, predicted } : {};
      if (!config.visible) return { loss: lossMasked, lossMasked, ...seen };
      const own = predictVisible(p, patchRows(latent, rows, config.embedDim), config); // [R*V, C]
      const lossVisible = isCosine
        ? cosineDistance(own, inputs.targetVisible)
        : smoothL1(tf.sub(own, inputs.targetVisible));
      const loss = tf.add(lossMasked, tf.mul(lossVisible, config.visible.weight));
      return { loss, lossMasked, lossVisible, ...(looked && { ...seen, predictedVisible: own }) };
    },
  };
}
