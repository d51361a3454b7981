import * as tf from "@tensorflow/tfjs-core";
import type { InputSpec, Parameters, Program } from "../engine/program.ts";
import { type EncoderConfig, gridSize, patchLength, tokenCount } from "./config.ts";
import type { HybridConfig } from "./convStages.ts";
import { encoderBlockParameters } from "./encoderBlock.ts";
import { blockCount, hybridParameters, isHybrid } from "./hybrid.ts";
import { SHARED_TABLE } from "./maskedTokens.ts";
import { type ModelParameter, normParameters, patchEmbedParameters, tokenParameter } from "./parameters.ts";
import { biasTable } from "./relativePositions.ts";
import { namedLinear, namedNorm } from "./vit.ts";
import { isSwin } from "./swin/config.ts";
import { swinParameters } from "./swin/parameters.ts";
import { ownTable, pooledFeatures } from "./wholeEncoder.ts";

/** A vision transformer, plain, with convolution stages in front of it, or Swin, with a classification head. */
export interface ClassifierConfig extends EncoderConfig {
  numClasses: number;
}

/**
 * Parameters of the classifier under the names of the official fine-tuning code; positions are trainable here. Where they are
 * relative each block has a table of its own.
 */
export function classifierParameters(config: ClassifierConfig): ModelParameter[] {
  const { embedDim, numClasses } = config;
  return [
    ...(isHybrid(config) ? hybridEncoder(config) : isSwin(config) ? swinParameters(config) : plainEncoder(config)),
    ...normParameters("fc_norm", embedDim),
    { name: "head.weight", shape: [numClasses, embedDim], init: { kind: "truncatedNormal", std: 2e-5 } },
    { name: "head.bias", shape: [numClasses], init: { kind: "constant", value: 0 } },
  ];
}

function plainEncoder(config: EncoderConfig): ModelParameter[] {
  const { embedDim, patchSize, depth, numHeads, positions } = config, grid = gridSize(config);
  const relative = positions === "relative";
  const blocks = Array.from({ length: depth }, (_, i) => [
    ...encoderBlockParameters(`blocks.${i}`, config),
    ...(relative ? [biasTable(ownTable(i), grid, numHeads)] : []),
  ]);
  return [
    tokenParameter("cls_token", embedDim),
    ...(relative ? [] : [{
      name: "pos_embed",
      shape: [1, tokenCount(config) + 1, embedDim],
      init: { kind: "sincos" as const, dim: embedDim, grid },
    }]),
    ...patchEmbedParameters(embedDim, patchSize, patchLength(config)),
    ...blocks.flat(),
  ];
}

function hybridEncoder(config: HybridConfig): ModelParameter[] {
  const { embedDim } = config;
  const init = { kind: "sincos" as const, dim: embedDim, grid: gridSize(config), classTokens: 0 as const };
  return [{ name: "pos_embed", shape: [1, tokenCount(config), embedDim], init }, ...hybridParameters(config)];
}

/** Parameters that a classifier takes over from a pre-trained model: the encoder without the decoders' norms. */
export function transferredParameters(config: ClassifierConfig): string[] {
  return classifierParameters(config).map(({ name }) => name)
    .filter((name) => !/^(pos_embed|fc_norm\.|head\.)/.test(name));
}

/**
 * The tensor of a pre-trained model that an encoder's one is taken from: its own, the one behind "encoder." (SimMIM), or for a
 * block's table the one that all blocks share.
 *
 * @param has whether the pre-trained model has a tensor
 */
export function sourceOf(name: string, has: (name: string) => boolean): string {
  const shared = /^blocks\.\d+\.attn\.relative_position_bias_table$/.test(name) && !has(name) ? SHARED_TABLE : name;
  return has(shared) ? shared : `encoder.${shared}`;
}

/**
 * Logits of a batch: patch tokens and class token through all blocks, mean over the patch tokens (class token left out),
 * `fc_norm`, linear head (LocalMIM fine-tuning, global pooling; DMJD's, where there is no class token).
 */
function logits(
  p: Parameters,
  config: ClassifierConfig,
  batch: number,
  patches: tf.Tensor,
  keep?: tf.Tensor[],
): tf.Tensor {
  const pooled = pooledFeatures(p, config, { patches, batch, positions: () => p("pos_embed"), keep }); // [B, D]
  return namedLinear(p, "head", namedNorm(p, "fc_norm", pooled)); // [B, C]
}

/**
 * Training program of the classifier. Outputs: `loss`, cross-entropy against soft targets, mean over the batch.
 *
 * Inputs: `patches` [B*N, 3*p*p], `targets` [B, C], `keep` [2*blocks, B] drop-path factors of every branch.
 */
export function classifierProgram(config: ClassifierConfig, batch: number): Program {
  const branches = 2 * blockCount(config);
  return {
    parameters: classifierParameters(config),
    inputs: {
      patches: patchInput(config, batch),
      targets: { shape: [batch, config.numClasses], dtype: "float32" },
      keep: { shape: [branches, batch], dtype: "float32" },
    },
    build(p, { patches, targets, keep }) {
      const factors = tf.split(keep, branches, 0).map((row) => tf.reshape(row, [batch, 1, 1]));
      const output = logits(p, config, batch, patches, factors);
      return { loss: tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(output, -1))), batch)) };
    },
  };
}

/** Inference program of the classifier: `patches` in, `logits` [B, C] out. */
export function classifierInference(config: ClassifierConfig, batch: number): Program {
  return {
    parameters: classifierParameters(config),
    inputs: { patches: patchInput(config, batch) },
    build: (p, { patches }) => ({ logits: logits(p, config, batch, patches) }),
  };
}

function patchInput(config: ClassifierConfig, batch: number): InputSpec {
  return { shape: [batch * tokenCount(config), patchLength(config)], dtype: "float32" };
}

/** Drop-path rate of each block: linear from 0 at the first to `rate` at the last (timm). */
export function dropPathRates(depth: number, rate: number): number[] {
  return Array.from({ length: depth }, (_, i) => depth > 1 ? rate * i / (depth - 1) : rate);
}

/**
 * Draws drop-path factors.
 *
 * @param uniform a source of uniform numbers in [0, 1)
 * @returns [2*depth, B]: 0 for a dropped sample, 1 / (1 - rate) for a kept one
 */
export function dropPathFactors(uniform: () => number, depth: number, batch: number, rate: number): Float32Array {
  const rates = dropPathRates(depth, rate);
  return Float32Array.from({ length: 2 * depth * batch }, (_, i) => {
    const dropped = rates[Math.floor(i / (2 * batch))];
    return uniform() < dropped ? 0 : 1 / (1 - dropped);
  });
}
