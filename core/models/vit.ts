import * as tf from "@tensorflow/tfjs-core";
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

/** A layer normalisation of the checkpoint by name; eps is 1e-6 unless given. */
export function namedNorm(p: Parameters, name: string, x: tf.Tensor, eps?: number): tf.Tensor {
  return layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), eps);
}

/** A layer normalisation without weights, eps 1e-6: [rows, D] to the same. */
export function plainNorm(x: tf.Tensor): tf.Tensor {
  const width = x.shape[1]!;
  return layerNorm(x, tf.ones([width]), tf.zeros([width]));
}

/**
 * Takes apart the columns of a fused projection: [B*T, parts*D] to `parts` tensors [B*H, T, D/H].
 *
 * @param parts 3 for query, key and value
 */
export function splitHeads(x: tf.Tensor, parts: number, { batch, tokens, dim, heads }: Sequence): tf.Tensor3D[] {
  const columns = parts === 1 ? [x] : tf.split(x, parts, 1); // [B*T, D] each
  return columns.map((part) => {
    const apart = tf.transpose(tf.reshape(part, [batch, tokens, heads, dim / heads]), [0, 2, 1, 3]);
    return tf.reshape(apart, [batch * heads, tokens, dim / heads]);
  });
}

/**
 * Attention proper: softmax(q k^T / sqrt(D/H)) v, heads joined again.
 *
 * @param qkv query [B*H, T, D/H], key and value [B*H, S, D/H]; S may differ from T
 * @param size T tokens that ask
 * @param bias added to the scores of every image, [H, T, S], or of so many in turn, [images, H, T, S]
 * @returns [B*T, D]
 */
export function mixHeads(
  [q, k, v]: tf.Tensor3D[],
  { batch, tokens, dim, heads }: Sequence,
  bias?: tf.Tensor,
): tf.Tensor {
  const headDim = dim / heads;
  let scores: tf.Tensor = tf.matMul(tf.mul(q, 1 / Math.sqrt(headDim)), k, false, true); // [B*H, T, S]
  if (bias) {
    const times = scores.size / bias.size;
    const byImage = tf.add(tf.reshape(scores, [times, ...bias.shape]), tf.reshape(bias, [1, ...bias.shape]));
    scores = tf.reshape(byImage, scores.shape);
  }
  const mixed = tf.matMul(tf.softmax(scores, -1), v); // [B*H, T, D/H]
  const joined = tf.transpose(tf.reshape(mixed, [batch, heads, tokens, headDim]), [0, 2, 1, 3]);
  return tf.reshape(joined, [batch * tokens, dim]);
}

/** Multi-head self-attention with fused qkv. `x` and the result are [B*T, D]. */
export function attention(p: Parameters, name: string, x: tf.Tensor, size: Sequence): tf.Tensor {
  return namedLinear(p, `${name}.proj`, mixHeads(splitHeads(namedLinear(p, `${name}.qkv`, x), 3, size), size));
}

/**
 * Drop path (stochastic depth) of one residual branch: whole samples are dropped, the rest is scaled up.
 *
 * @param branch [B*T, D]
 * @param keep [B, 1, 1]: 0 for a dropped sample, 1 / (1 - rate) for a kept one; none: nothing is dropped
 */
export function dropPath(branch: tf.Tensor, { batch, tokens, dim }: Sequence, keep?: tf.Tensor): tf.Tensor {
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
  return mlpBranch(p, name, tf.add(x, dropPath(attended, size, keep[0])), size, keep[1]);
}

/**
 * The second half of a block: x + MLP(norm(x)). `x` and the result are [B*T, D].
 *
 * @param keep drop-path factors, [B, 1, 1]
 * @param eps of the norm, 1e-6 unless given
 */
export function mlpBranch(
  p: Parameters,
  name: string,
  x: tf.Tensor,
  size: Sequence,
  keep?: tf.Tensor,
  eps?: number,
): tf.Tensor {
  const hidden = gelu(namedLinear(p, `${name}.mlp.fc1`, namedNorm(p, `${name}.norm2`, x, eps)));
  return tf.add(x, dropPath(namedLinear(p, `${name}.mlp.fc2`, hidden), size, keep));
}

/** Puts the class token in front of every sequence: [B*V, D] and [1, 1, D] to [B*(V+1), D]. */
export function prependClassToken(x: tf.Tensor, clsToken: tf.Tensor, { batch, tokens, dim }: Sequence): tf.Tensor {
  const cls = tf.add(tf.zeros([batch, 1, dim]), clsToken); // [B, 1, D]
  const sequence = tf.concat([cls, tf.reshape(x, [batch, tokens - 1, dim])], 1); // [B, V+1, D]
  return tf.reshape(sequence, [batch * tokens, dim]);
}

/**
 * Visible patches embedded at their positions, class tokens in front: [B*(V+1), D].
 *
 * @param inputs `patches` [B*V, 3*p*p], and `visible` [B*V], their places
 * @param positions of all patches, [N, D]; the class token's is zero
 */
export function embedVisible(
  p: Parameters,
  { patches, visible }: Record<string, tf.Tensor>,
  positions: Float32Array,
  size: Sequence,
): tf.Tensor {
  const all = tf.tensor2d(positions, [positions.length / size.dim, size.dim]);
  const embedded = namedLinear(p, "patch_embed.proj", patches); // [B*V, D]
  return prependClassToken(tf.add(embedded, tf.gather(all, visible as tf.Tensor1D)), p("cls_token"), size);
}

/** The rows of the patches, class tokens left out: [B*(N+1), D] to [B*N, D]. */
export function patchRows(x: tf.Tensor, batch: number): tf.Tensor {
  const [all, dim] = x.shape as [number, number], tokens = all / batch;
  const [, patches] = tf.split(tf.reshape(x, [batch, tokens, dim]), [1, tokens - 1], 1);
  return tf.reshape(patches, [batch * (tokens - 1), dim]);
}
