import * as tf from "@tensorflow/tfjs-core";
import type { Parameters } from "../engine/program.ts";
import { type EncoderConfig, gridSize, patchLength, tokenCount } from "./config.ts";
import { encoderBlock, encoderBlockParameters } from "./encoderBlock.ts";
import { type ModelParameter, patchEmbedParameters, tokenParameter } from "./parameters.ts";
import { biasTable, relativeBias } from "./relativePositions.ts";
import { namedLinear, prependClassToken, type Sequence } from "./vit.ts";

/** The biases by relative position that all blocks share, as BEiT's checkpoint names them. */
export const SHARED_TABLE = "rel_pos_bias.relative_position_bias_table";

/**
 * Parameters of a vision transformer that sees all patches, masked ones as one learned token (BEiT, SimMIM, MaskFeat), without its
 * last norm. Positions of tokens are learned; those by offset are one table for all blocks.
 *
 * @param prefix before every name, e.g. "encoder."
 */
export function maskedVitParameters(config: EncoderConfig, prefix = ""): ModelParameter[] {
  const { embedDim, patchSize, depth, numHeads, positions } = config;
  const all = [
    tokenParameter("cls_token", embedDim),
    tokenParameter("mask_token", embedDim),
    positions === "relative"
      ? biasTable(SHARED_TABLE, gridSize(config), numHeads)
      : tokenPositions(embedDim, tokenCount(config) + 1),
    ...patchEmbedParameters(embedDim, patchSize, patchLength(config)),
    ...Array.from({ length: depth }, (_, i) => encoderBlockParameters(`blocks.${i}`, config)).flat(),
  ];
  return all.map((parameter) => ({ ...parameter, name: prefix + parameter.name }));
}

function tokenPositions(dim: number, tokens: number): ModelParameter {
  return { name: "pos_embed", shape: [1, tokens, dim], init: { kind: "truncatedNormal", std: 0.02 } };
}

/**
 * All tokens behind the last block.
 *
 * @param patches all patches, [R*N, 3*p*p]
 * @param isMasked [R*N, 1]: 1 for a masked patch
 * @returns [R*(N+1), D], class token first
 */
export function encodeMasked(
  all: Parameters,
  config: EncoderConfig,
  { patches, isMasked }: { patches: tf.Tensor; isMasked: tf.Tensor },
  rows: number,
  prefix = "",
): tf.Tensor {
  const p: Parameters = (name) => all(prefix + name), { embedDim: dim, numHeads: heads, depth } = config;
  const size: Sequence = { batch: rows, tokens: tokenCount(config) + 1, dim, heads };
  const embedded = namedLinear(p, "patch_embed.proj", patches); // [R*N, D]
  const seen = tf.mul(embedded, tf.sub(1, isMasked)), hidden = tf.mul(isMasked, tf.reshape(p("mask_token"), [1, dim]));
  let x = prependClassToken(tf.add(seen, hidden), p("cls_token"), size);
  if (config.positions !== "relative") {
    const positioned = tf.add(tf.reshape(x, [rows, size.tokens, dim]), p("pos_embed"));
    x = tf.reshape(positioned, [rows * size.tokens, dim]);
  }
  const bias = config.positions === "relative" ? relativeBias(p(SHARED_TABLE), gridSize(config)) : undefined;
  for (let i = 0; i < depth; i++) x = encoderBlock(p, `blocks.${i}`, x, size, config, { bias });
  return x;
}
