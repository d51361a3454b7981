import * as tf from "@tensorflow/tfjs-core";
import { gatherRows } from "../../engine/ops.ts";
import type { Parameters } from "../../engine/program.ts";
import { invertOrder } from "../../engine/rowOrder.ts";
import { gridSize } from "../config.ts";
import { relativeBias } from "../relativePositions.ts";
import { dropPath, mixHeads, mlpBranch, namedLinear, namedNorm, splitHeads } from "../vit.ts";
import { firstPerLast, type SwinConfig, type SwinStage, swinStages } from "./config.ts";
import { merging, swinBlock } from "./parameters.ts";
import { apartMask, ofBatch, windowOrder } from "./windows.ts";

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

const norm = (p: Parameters, name: string, x: tf.Tensor) => namedNorm(p, name, x, SWIN_EPS);

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
    const shifts = stage.shift > 0 && stage.depth > 1 ? [0, stage.shift] : [0];
    const windows = shifts.map((shift) => windowsOf(stage, shift, batch));
    for (let i = 0; i < stage.depth; i++) {
      const factors = keep?.slice(2 * next, 2 * ++next);
      x = windowBlock(p, swinBlock(s, i), x, { stage, windows: windows[i % windows.length], batch, keep: factors });
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

/** The windows of a batch. */
interface Windows {
  /** Rows of tokens by windows, and back in raster order, [B*G*G]. */
  there: tf.Tensor1D;
  back: tf.Tensor1D;
  /** Added to the scores of moved windows, [W, 1, T, T]. */
  apart?: tf.Tensor;
}

function windowsOf(stage: SwinStage, shift: number, batch: number): Windows {
  const { grid, window } = stage, tokens = window * window, rows = ofBatch(windowOrder(stage, shift), batch);
  return {
    there: tf.tensor1d(rows, "int32"),
    back: tf.tensor1d(invertOrder(rows, rows.length), "int32"),
    ...(shift > 0 && {
      apart: tf.tensor4d(apartMask(stage, shift), [(grid / window) ** 2, 1, tokens, tokens]),
    }),
  };
}

/** What a block is given beside its parameters. */
interface BlockInputs {
  stage: SwinStage;
  windows: Windows;
  batch: number;
  keep?: tf.Tensor[];
}

/** A block whose tokens attend to each other within windows. `x` and the result are [B*G*G, D], in raster order. */
function windowBlock(p: Parameters, name: string, x: tf.Tensor, { stage, windows, batch, keep = [] }: BlockInputs) {
  const { grid, window, dim, heads } = stage, tokens = window * window, { there, back, apart } = windows;
  const image = { batch, tokens: grid * grid, dim, heads };
  const size = { batch: batch * (grid / window) ** 2, tokens, dim, heads };
  const table = relativeBias(p(`${name}.attn.relative_position_bias_table`), window, 0); // [H, T, T]
  const bias = apart ? tf.add(tf.reshape(table, [1, heads, tokens, tokens]), apart) : table; // [W, H, T, T]
  const inWindows = gatherRows(norm(p, `${name}.norm1`, x), there, back);
  const attended = mixHeads(splitHeads(namedLinear(p, `${name}.attn.qkv`, inWindows), 3, size), size, bias);
  const inPlace = gatherRows(namedLinear(p, `${name}.attn.proj`, attended), back, there);
  return mlpBranch(p, name, tf.add(x, dropPath(inPlace, image, keep[0])), image, keep[1], SWIN_EPS);
}

/** Four neighbours become one token of twice the width: [B*G*G, D] to [B*G*G/4, 2*D]. */
function mergeFour(p: Parameters, name: string, x: tf.Tensor, { grid, dim }: SwinStage): tf.Tensor {
  const [count] = x.shape, half = grid / 2;
  const cells = tf.reshape(x, [count / (grid * grid) * half, 2, half, 2, dim]); // rows of cells, row, column of cells, column
  const joined = tf.reshape(tf.transpose(cells, [0, 2, 3, 1, 4]), [count / 4, 4 * dim]);
  const weight = p(`${name}.reduction.weight`) as tf.Tensor2D;
  return tf.matMul(norm(p, `${name}.norm`, joined) as tf.Tensor2D, weight, false, true);
}
