import * as tf from "@tensorflow/tfjs";
import { gelu, layerNorm, linear } from "../engine/ops.ts";
import type { Parameters } from "../engine/program.ts";

/** Sizes of a batch of token sequences. */
export interface Sequence {
  batch: number;
  tokens: number;
  dim: number;
  heads: number;
}

/** A linear layer of the checkpoint by name; convolutions count as linear layers over flattened patches. */
export function namedLinear(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  const weight = p(`${name}.weight`), [out] = weight.shape;
  return linear(x, tf.reshape(weight, [out, weight.size / out]), p(`${name}.bias`));
}

/** A layer normalisation of the checkpoint by name, eps 1e-6. */
export function namedNorm(p: Parameters, name: string, x: tf.Tensor): tf.Tensor {
  return layerNorm(x, p(`${name}.weight`), p(`${name}.bias`));
}

/** Multi-head self-attention with fused qkv. `x` and the result are [B*T, D]. */
export function attention(
  p: Parameters,
  name: string,
  x: tf.Tensor,
  { batch, tokens, dim, heads }: Sequence,
): tf.Tensor {
  const headDim = dim / heads;
  const qkv = tf.reshape(namedLinear(p, `${name}.qkv`, x), [batch, tokens, 3, heads, headDim]);
  const stacked = tf.reshape(tf.transpose(qkv, [2, 0, 3, 1, 4]), [3 * batch * heads, tokens, headDim]);
  const [q, k, v] = tf.split(stacked, 3, 0) as tf.Tensor3D[]; // [B*H, T, D/H] each
  const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(headDim)), k, false, true); // [B*H, T, T]
  const mixed = tf.matMul(tf.softmax(scores, -1), v); // [B*H, T, D/H]
  const joined = tf.transpose(tf.reshape(mixed, [batch, heads, tokens, headDim]), [0, 2, 1, 3]);
  return namedLinear(p, `${name}.proj`, tf.reshape(joined, [batch * tokens, dim]));
}

/**
 * Drop path (stochastic depth) of one residual branch: whole samples are dropped, the rest is scaled up.
 *
 * @param branch [B*T, D]
 * @param keep [B, 1, 1]: 0 for a dropped sample, 1 / (1 - rate) for a kept one; none: nothing is dropped
 */
function dropPath(branch: tf.Tensor, { batch, tokens, dim }: Sequence, keep?: tf.Tensor): tf.Tensor {
  if (!keep) return branch;
  return tf.reshape(tf.mul(tf.reshape(branch, [batch, tokens, dim]), keep), [batch * tokens, dim]);
}

/**
 * Pre-norm transformer block (Dosovitskiy et al. 2021; timm's Block). `x` and the result are [B*T, D].
 *
 * @param keep drop-path factors of the two branches, [B, 1, 1] each
 */
export function block(p: Parameters, name: string, x: tf.Tensor, size: Sequence, keep: tf.Tensor[] = []): tf.Tensor {
  const attended = attention(p, `${name}.attn`, namedNorm(p, `${name}.norm1`, x), size);
  const h = tf.add(x, dropPath(attended, size, keep[0]));
  const hidden = gelu(namedLinear(p, `${name}.mlp.fc1`, namedNorm(p, `${name}.norm2`, h)));
  return tf.add(h, dropPath(namedLinear(p, `${name}.mlp.fc2`, hidden), size, keep[1]));
}

/** Puts the class token in front of every sequence: [B*V, D] and [1, 1, D] to [B*(V+1), D]. */
export function prependClassToken(x: tf.Tensor, clsToken: tf.Tensor, { batch, tokens, dim }: Sequence): tf.Tensor {
  const cls = tf.add(tf.zeros([batch, 1, dim]), clsToken); // [B, 1, D]
  const sequence = tf.concat([cls, tf.reshape(x, [batch, tokens - 1, dim])], 1); // [B, V+1, D]
  return tf.reshape(sequence, [batch * tokens, dim]);
}
