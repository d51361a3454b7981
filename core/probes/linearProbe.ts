import * as tf from "@tensorflow/tfjs-core";
import type { InputSpec, Parameters, ParameterSpec, Program } from "../engine/program.ts";
import { linear } from "../engine/ops.ts";
import type { ModelParameter } from "../models/parameters.ts";
import { BATCH_NORM } from "./batchStatistics.ts";

/** Sizes of a linear probe. */
export interface LinearProbeConfig {
  /** Width of the frozen features, D. */
  featureDim: number;
  numClasses: number;
}

/**
 * Parameters of the head of MAE's linear probe, under the names of its checkpoints: `head.0` is the normalisation, which
 * has running statistics but nothing to train, `head.1` the linear layer.
 *
 * The weight is normal with deviation 0.01: timm's `trunc_normal_` cuts at +-2, 200 deviations away.
 */
export function linearProbeParameters({ featureDim, numClasses }: LinearProbeConfig): ModelParameter[] {
  return [
    { name: "head.1.weight", shape: [numClasses, featureDim], init: { kind: "normal", std: 0.01 } },
    { name: "head.1.bias", shape: [numClasses], init: { kind: "constant", value: 0 } },
  ];
}

/** Running statistics of the head's normalisation: [D] each, kept with its weights, changed by no gradient. */
export const RUNNING_MEAN = "head.0.running_mean", RUNNING_VARIANCE = "head.0.running_var";

/** All tensors of a head: what trains, and the running statistics. */
export function linearProbeTensors(config: LinearProbeConfig): ParameterSpec[] {
  const shape = [config.featureDim];
  return [...linearProbeParameters(config), { name: RUNNING_MEAN, shape }, { name: RUNNING_VARIANCE, shape }];
}

/**
 * Training program of the head on frozen features: batch normalisation without affine, then a linear layer (MAE,
 * `main_linprobe.py`).
 *
 * Inputs: `features` [B, D], `targets` [B, C], soft or one-hot. Outputs: `loss`, cross-entropy, mean over the batch; `mean`
 * [D] and `variance` [D] of the batch, biased, which `updateStatistics` takes into the running ones.
 */
export function linearProbeProgram(config: LinearProbeConfig, batch: number): Program {
  return {
    parameters: linearProbeParameters(config),
    inputs: { features: rows(batch, config.featureDim), targets: rows(batch, config.numClasses) },
    build(p, { features, targets }) {
      const mean = tf.mean(features, 0, true); // [1, D]
      const variance = tf.mean(tf.square(tf.sub(features, mean)), 0, true); // [1, D]
      const logProbabilities = tf.logSoftmax(logits(p, features, mean, variance), -1);
      return {
        loss: tf.neg(tf.div(tf.sum(tf.mul(targets, logProbabilities)), batch)),
        mean: tf.reshape(mean, [config.featureDim]),
        variance: tf.reshape(variance, [config.featureDim]),
      };
    },
  };
}

/**
 * Inference program of the head: `features` [B, D] and the running statistics `mean` [D] and `variance` [D] in, `logits`
 * [B, C] out.
 */
export function linearProbeInference(config: LinearProbeConfig, batch: number): Program {
  const statistic: InputSpec = { shape: [config.featureDim], dtype: "float32" };
  return {
    parameters: linearProbeParameters(config),
    inputs: { features: rows(batch, config.featureDim), mean: statistic, variance: statistic },
    build: (p, { features, mean, variance }) => ({ logits: logits(p, features, mean, variance) }),
  };
}

function logits(p: Parameters, features: tf.Tensor, mean: tf.Tensor, variance: tf.Tensor): tf.Tensor {
  const normalized = tf.mul(tf.sub(features, mean), tf.rsqrt(tf.add(variance, BATCH_NORM.eps))); // [B, D]
  return linear(normalized, p("head.1.weight"), p("head.1.bias")); // [B, C]
}

function rows(batch: number, width: number): InputSpec {
  return { shape: [batch, width], dtype: "float32" };
}
