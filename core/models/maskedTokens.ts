import * as tf from "@tensorflow/tfjs-core";
import type { Parameters } from "../engine/program.ts";
import { gridSize, patchLength, tokenCount, type VitConfig } from "./config.ts";
import {
  linearParameters,
  type ModelParameter,
  normParameters,
  patchEmbedParameters,
  tokenParameter,
} from "./parameters.ts";
import { relativeBias, relativeEntries } from "./relativePositions.ts";
import { mixHeads, namedLinear, namedNorm, prependClassToken, type Sequence, splitHeads } from "./vit.ts";
import { gelu, linear } from "../engine/ops.ts";

/** A vision transformer that sees all patches, masked ones as one learned token (BEiT, SimMIM, MaskFeat). */
export interface MaskedVit extends VitConfig {
  /** "relative": one table of biases for all blocks; "absolute": a learned position for each token. */
  positions: "relative" | "absolute";
  /** Factors on both branches of a block at the start; none where it is null. Biases are on query and value alone where there are. */
  layerScale: number | null;
}

function blockParametersOf(name: string, { embedDim: dim, mlpRatio, layerScale }: MaskedVit): ModelParameter[] {
  const scaled = layerScale !== null, constant = (value: number) => ({ kind: "constant" as const, value });
  const [weight, bias] = linearParameters(`${name}.attn.qkv`, dim, 3 * dim);
  return [
    ...(scaled
      ? ["gamma_1", "gamma_2"].map((part) => ({ name: `${name}.${part}`, shape: [dim], init: constant(layerScale) }))
      : []),
    ...normParameters(`${name}.norm1`, dim),
    weight,
    ...(scaled
      ? ["q_bias", "v_bias"].map((part) => ({ name: `${name}.attn.${part}`, shape: [dim], init: constant(0) }))
      : [bias]),
    ...linearParameters(`${name}.attn.proj`, dim, dim),
    ...normParameters(`${name}.norm2`, dim),
    ...linearParameters(`${name}.mlp.fc1`, dim, mlpRatio * dim),
    ...linearParameters(`${name}.mlp.fc2`, mlpRatio * dim, dim),
  ];
}

/**
 * Parameters of the encoder without its last norm.
 *
 * @param prefix before every name, e.g. "encoder."
 */
export function maskedVitParameters(config: MaskedVit, prefix = ""): ModelParameter[] {
  const { embedDim, patchSize, depth, numHeads, positions } = config, zeros = { kind: "constant" as const, value: 0 };
  const table = "rel_pos_bias.relative_position_bias_table";
  const all = [
    tokenParameter("cls_token", embedDim),
    tokenParameter("mask_token", embedDim),
    positions === "absolute"
      ? tokenPositions(embedDim, tokenCount(config) + 1)
      : { name: table, shape: [relativeEntries(gridSize(config)), numHeads], init: zeros },
    ...patchEmbedParameters(embedDim, patchSize, patchLength(config)),
    ...Array.from({ length: depth }, (_, i) => blockParametersOf(`blocks.${i}`, config)).flat(),
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
  config: MaskedVit,
  { patches, isMasked }: { patches: tf.Tensor; isMasked: tf.Tensor },
  rows: number,
  prefix = "",
): tf.Tensor {
  const p: Parameters = (name) => all(prefix + name), { embedDim: dim, numHeads: heads, depth } = config;
  const size: Sequence = { batch: rows, tokens: tokenCount(config) + 1, dim, heads };
  const embedded = namedLinear(p, "patch_embed.proj", patches); // [R*N, D]
  const seen = tf.mul(embedded, tf.sub(1, isMasked)), hidden = tf.mul(isMasked, tf.reshape(p("mask_token"), [1, dim]));
  let x = prependClassToken(tf.add(seen, hidden), p("cls_token"), size);
  if (config.positions === "absolute") {
    const positioned = tf.add(tf.reshape(x, [rows, size.tokens, dim]), p("pos_embed"));
    x = tf.reshape(positioned, [rows * size.tokens, dim]);
  }
  const bias = config.positions === "relative"
    ? relativeBias(p("rel_pos_bias.relative_position_bias_table"), gridSize(config))
    : undefined;
  for (let i = 0; i < depth; i++) x = maskedBlock(p, `blocks.${i}`, x, size, config, bias);
  return x;
}

function maskedBlock(
  p: Parameters,
  name: string,
  x: tf.Tensor,
  size: Sequence,
  { layerScale }: MaskedVit,
  bias?: tf.Tensor,
): tf.Tensor {
  const scaled = (branch: tf.Tensor, part: string) =>
    layerScale === null ? branch : tf.mul(branch, p(`${name}.${part}`));
  const attended = biasedAttention(
    p,
    `${name}.attn`,
    namedNorm(p, `${name}.norm1`, x),
    size,
    layerScale !== null,
    bias,
  );
  const h = tf.add(x, scaled(attended, "gamma_1"));
  const hidden = gelu(namedLinear(p, `${name}.mlp.fc1`, namedNorm(p, `${name}.norm2`, h)));
  return tf.add(h, scaled(namedLinear(p, `${name}.mlp.fc2`, hidden), "gamma_2"));
}

/** Attention whose scores have a bias by relative position, [H, T, T]; with biases on query and value alone where `partial`. */
function biasedAttention(
  p: Parameters,
  name: string,
  x: tf.Tensor,
  size: Sequence,
  partial: boolean,
  bias?: tf.Tensor,
): tf.Tensor {
  const none = tf.zeros([size.dim]);
  const fused = partial
    ? linear(x, p(`${name}.qkv.weight`), tf.concat([p(`${name}.q_bias`), none, p(`${name}.v_bias`)], 0))
    : namedLinear(p, `${name}.qkv`, x);
  return namedLinear(p, `${name}.proj`, mixHeads(splitHeads(fused, 3, size), size, bias));
}
