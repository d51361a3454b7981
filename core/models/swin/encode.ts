import * as tf from "@tensorflow/tfjs-core";
import { gatherRows, gelu, layerNorm } from "../../engine/ops.ts";
import type { Parameters } from "../../engine/program.ts";
import { gridSize } from "../config.ts";
import { relativeBias } from "../relativePositions.ts";
import { dropPath, mixHeads, namedLinear, splitHeads } from "../vit.ts";
import { firstPerLast, type SwinConfig, type SwinStage, swinStages } from "./config.ts";
import { merging, swinBlock } from "./parameters.ts";
import { apartMask, inverseOf, ofBatch, windowOrder } from "./windows.ts";

/** Added to the variance in every norm (PyTorch's default, which the released code takes). */
export const SWIN_EPS = 1e-5;

/** What a Swin transformer is given beside its parameters. */
export interface SwinInputs {
  /** Images. */
  batch: number;
  /** Which of the last stage's patches are masked, [B*N, 1]; their first tokens become `mask_token`. */
  isMasked?: tf.Tensor;
  /** Drop-path factors of every block's branches, [B, 1, 1] each; none: nothing is dropped. */
  keep?: tf.Tensor[];
}

const norm = (p: Parameters, name: string, x: tf.Tensor) =>
  layerNorm(x, p(`${name}.weight`), p(`${name}.bias`), SWIN_EPS);

/**
 * Tokens behind the last block of a Swin transformer, in raster order.
 *
 * @param patches the last stage's, [B*N, 3*p*p], each by (channel, row, column)
 * @returns [B*N, D]
 */
export function encodeSwin(p: Parameters, config: SwinConfig, patches: tf.Tensor, inputs: SwinInputs): tf.Tensor {
  const { batch, isMasked, keep } = inputs, stages = swinStages(config);
  let x: tf.Tensor = norm(p, "patch_embed.norm", namedLinear(p, "patch_embed.proj", firstPatches(patches, config)));
  if (isMasked) {
    const masked = firstMasked(isMasked, config), token = tf.reshape(p("mask_token"), [1, stages[0].dim]);
    x = tf.add(tf.mul(x, tf.sub(1, masked)), tf.mul(masked, token)); // [B*G*G, D1]
  }
  let next = 0;
  for (const [s, stage] of stages.entries()) {
    for (let i = 0; i < stage.depth; i++) {
      const shift = i % 2 ? stage.shift : 0, factors = keep?.slice(2 * next, 2 * ++next);
      x = windowBlock(p, swinBlock(s, i), x, { stage, shift, batch, keep: factors });
    }
    if (s + 1 < stages.length) x = mergeFour(p, merging(s), x, stage);
  }
  return x;
}

/** Patches of the first stage in raster order: [B*N, 3*p*p] to [B*G*G, 3*q*q], f^2 of each with p = f*q. */
function firstPatches(patches: tf.Tensor, config: SwinConfig): tf.Tensor {
  const f = firstPerLast(config), q = config.patchSize / f, grid = gridSize(config), [count] = patches.shape;
  const lines = tf.reshape(patches, [count / grid, grid, 3, f, q * f * q]);
  const rows = tf.reshape(tf.transpose(lines, [0, 3, 1, 2, 4]), [count / grid * f, grid, 3, q, f, q]);
  return tf.reshape(tf.transpose(rows, [0, 1, 4, 2, 3, 5]), [count * f * f, 3 * q * q]);
}

/** The same of what is masked: [B*N, 1] to [B*G*G, 1]. */
function firstMasked(isMasked: tf.Tensor, config: SwinConfig): tf.Tensor {
  const f = firstPerLast(config), grid = gridSize(config), [count] = isMasked.shape;
  const spread = tf.mul(tf.reshape(isMasked, [count / grid, 1, grid, 1]), tf.ones([1, f, 1, f]));
  return tf.reshape(spread, [count * f * f, 1]);
}

/** What a block is given beside its parameters. */
interface BlockInputs {
  stage: SwinStage;
  shift: number;
  batch: number;
  keep?: tf.Tensor[];
}

/** A block whose tokens attend to each other within windows. `x` and the result are [B*G*G, D], in raster order. */
function windowBlock(p: Parameters, name: string, x: tf.Tensor, { stage, shift, batch, keep = [] }: BlockInputs) {
  const { grid, window, dim, heads } = stage, windows = (grid / window) ** 2, tokens = window * window;
  const order = windowOrder(stage, shift), image = { batch, tokens: grid * grid, dim, heads };
  const there = tf.tensor1d(ofBatch(order, batch), "int32"),
    back = tf.tensor1d(ofBatch(inverseOf(order), batch), "int32");
  const size = { batch: batch * windows, tokens, dim, heads };
  const table = relativeBias(p(`${name}.attn.relative_position_bias_table`), window, 0); // [H, T, T]
  const apart = shift > 0 && tf.tensor4d(apartMask(stage, shift), [windows, 1, tokens, tokens]);
  const bias = apart ? tf.add(tf.reshape(table, [1, heads, tokens, tokens]), apart) : table; // [W, H, T, T]
  const inWindows = gatherRows(norm(p, `${name}.norm1`, x), there, back);
  const attended = mixHeads(splitHeads(namedLinear(p, `${name}.attn.qkv`, inWindows), 3, size), size, bias);
  const inPlace = gatherRows(namedLinear(p, `${name}.attn.proj`, attended), back, there);
  const h = tf.add(x, dropPath(inPlace, image, keep[0]));
  const hidden = gelu(namedLinear(p, `${name}.mlp.fc1`, norm(p, `${name}.norm2`, h)));
  return tf.add(h, dropPath(namedLinear(p, `${name}.mlp.fc2`, hidden), image, keep[1]));
}

/** Four neighbours become one token of twice the width: [B*G*G, D] to [B*G*G/4, 2*D]. */
function mergeFour(p: Parameters, name: string, x: tf.Tensor, { grid, dim }: SwinStage): tf.Tensor {
  const [count] = x.shape, half = grid / 2;
  const cells = tf.reshape(x, [count / (grid * grid) * half, 2, half, 2, dim]); // rows of cells, row, column of cells, column
  const joined = tf.reshape(tf.transpose(cells, [0, 2, 3, 1, 4]), [count / 4, 4 * dim]);
  const weight = p(`${name}.reduction.weight`) as tf.Tensor2D;
  return tf.matMul(norm(p, `${name}.norm`, joined) as tf.Tensor2D, weight, false, true);
}
