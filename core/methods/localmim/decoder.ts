import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../../engine/ops.ts";
import type { Parameters } from "../../engine/program.ts";
import { gridSize, tokenCount } from "../../models/config.ts";
import { type LocalMimConfig, visibleCount } from "./config.ts";
import { allTokens, maskedTokens, type TokenRows } from "./decoderTokens.ts";
import { sincosPosEmbed2d } from "../../models/posEmbed.ts";
import { mixHeads, mlpBranch, namedLinear, namedNorm, type Sequence, splitHeads } from "../../models/vit.ts";

/**
 * One decoder up to its last norm: the encoder's tokens are narrowed, mask tokens fill the gaps, positions are added and
 * one transformer block runs over all tokens (LocalMIM; thesis 3.3).
 *
 * @param latent [B*(V+1), D], after the stage's norm
 * @param inputs the program's inputs
 * @param wanted "masked": only the masked tokens' outcome is wanted, so only they ask and pass the MLP: [B*M, d], in ascending
 * order; "all": [B*(N+1), d], tokens in their places, class token first
 */
export function decode(
  p: Parameters,
  latent: tf.Tensor,
  inputs: Record<string, tf.Tensor>,
  { config, batch, stage, wanted }: { config: LocalMimConfig; batch: number; stage: number; wanted: "masked" | "all" },
): tf.Tensor {
  const name = `decoder.${stage}`, block = `${name}.blocks.0`, { decoderDim: dim, decoderHeads: heads } = config;
  const N = tokenCount(config), M = N - visibleCount(config), rows = inputs as unknown as TokenRows;
  const positions = tf.tensor2d(sincosPosEmbed2d(dim, gridSize(config)), [N + 1, dim]);
  const shared = tf.add(positions, tf.reshape(p(`${name}.mask_token`), [1, dim])); // [N+1, d]
  const own = tf.add(namedLinear(p, `${name}.embed`, latent), tf.gather(positions, inputs.places as tf.Tensor1D));
  const x = tf.concat([shared, own], 0); // [N+1 + B*(V+1), d]
  const normed = namedNorm(p, `${block}.norm1`, x);
  const size: Sequence = { batch, tokens: N + 1, dim, heads };
  const tokens = wanted === "all" ? N + 1 : M;
  const mixed = wanted === "all"
    ? attendAll(p, `${block}.attn`, normed, rows, size)
    : attendMasked(p, `${block}.attn`, normed, rows, size, M);
  const before = wanted === "all" ? allTokens(x, rows, batch) : maskedTokens(shared, rows, batch);
  const h = tf.add(before, namedLinear(p, `${block}.attn.proj`, mixed)); // [B*tokens, d]
  return namedNorm(p, `${name}.norm`, mlpBranch(p, block, h, { ...size, tokens }));
}

/** Attention of all tokens to all tokens, before the projection: [N+1 + B*(V+1), d] to [B*(N+1), d]. */
function attendAll(p: Parameters, name: string, normed: tf.Tensor, rows: TokenRows, size: Sequence): tf.Tensor {
  const qkv = allTokens(namedLinear(p, `${name}.qkv`, normed), rows, size.batch); // [B*(N+1), 3d]
  return mixHeads(splitHeads(qkv, 3, size), size);
}

/** Attention of the masked tokens to all tokens, before the projection: [N+1 + B*(V+1), d] to [B*M, d]. */
function attendMasked(
  p: Parameters,
  name: string,
  normed: tf.Tensor,
  rows: TokenRows,
  size: Sequence,
  masked: number,
): tf.Tensor {
  const { batch, tokens, dim } = size;
  const [queryWeight, weight] = tf.split(p(`${name}.qkv.weight`), [dim, 2 * dim], 0);
  const [queryBias, bias] = tf.split(p(`${name}.qkv.bias`), [dim, 2 * dim], 0);
  const [shared] = tf.split(normed, [tokens, normed.shape[0] - tokens], 0); // [N+1, d]
  const query = maskedTokens(linear(shared, queryWeight, queryBias), rows, batch); // [B*M, d]
  const keyValue = allTokens(linear(normed, weight, bias), rows, batch); // [B*(N+1), 2d]
  const asking = { ...size, tokens: masked };
  return mixHeads([...splitHeads(query, 1, asking), ...splitHeads(keyValue, 2, size)], asking);
}
