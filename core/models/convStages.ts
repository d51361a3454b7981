import * as tf from "@tensorflow/tfjs-core";
import { depthwiseConv } from "../engine/depthwise.ts";
import { gelu, linear } from "../engine/ops.ts";
import type { Parameters } from "../engine/program.ts";
import type { ConvStages, VitConfig } from "./config.ts";
import { dropPath, mlpBranch, namedLinear, namedNorm } from "./vit.ts";

/*
 * The convolution stages of a hybrid encoder, on rows. All layers but the depthwise convolutions act within a patch, so a stage's
 * tensor is a row for each pixel, a patch's [s, s] pixels behind one another, those that the next stage joins in one piece. A
 * convolution whose kernel is its stride is then a linear layer on joined rows. The depthwise convolutions take zeros for masked
 * patches, and nothing else looks beside a patch: rows of visible patches are all that is computed.
 */

/** The shape of a hybrid encoder. */
export type HybridConfig = VitConfig & { stages: ConvStages };

/** Whose patches are rows, and where these lie in images. */
export interface Layout {
  /** Images, or masked views of them; each has the same number of rows. */
  images: number;
  /** Patches per side. */
  grid: number;
  /** Rows of patches [rows, C] to all patches [images * grid^2, C], zeros for those without a row. */
  spread(rows: tf.Tensor): tf.Tensor;
  /** The reverse. */
  collect(patches: tf.Tensor): tf.Tensor;
}

/** A stage as its blocks need it. */
export interface Stage {
  layout: Layout;
  /** How its pixels per side of a patch are nested, outermost first: [2, 2] for 2 x 2 pixels of the next stage of 2 x 2 each. */
  sides: readonly number[];
  /** Of its norms. */
  eps: number;
}

/** Pixels per side of a patch in the first stage, nested, and in the second. */
export function stageSides({ patchSize, stages: { patchSizes: [first, second] } }: HybridConfig): [number[], number[]] {
  const last = patchSize / first / second;
  return [[last, second], [last]];
}

const product = (factors: readonly number[]) => factors.reduce((a, b) => a * b, 1);

/**
 * Pixels of patches as rows of the first stage.
 *
 * @param patches [P, 3*p*p], each by (channel, row, column)
 * @returns [P * s^2, 3*k*k], windows of k x k pixels, each by (channel, row, column)
 */
export function stagePixels(patches: tf.Tensor, config: HybridConfig): tf.Tensor {
  const [[outer, inner]] = stageSides(config), k = config.stages.patchSizes[0], [count] = patches.shape;
  const parts = tf.reshape(patches, [count, 3, outer, inner, k, outer, inner, k]);
  return tf.reshape(tf.transpose(parts, [0, 2, 5, 3, 6, 1, 4, 7]), [count * (outer * inner) ** 2, 3 * k * k]);
}

/**
 * A convolution whose kernel is its stride, on rows that hold a window's k x k pixels behind one another: [P * k^2, C] to [P, O].
 *
 * @param sides how the k pixels per side are nested
 */
export function windowLinear(p: Parameters, name: string, x: tf.Tensor, sides: readonly number[]): tf.Tensor {
  const weight = p(`${name}.weight`), [out, into] = weight.shape as number[], length = weight.size / out;
  const apart = tf.reshape(weight, [out, into, ...sides, ...sides]);
  const pairs = sides.flatMap((_, level) => [2 + level, 2 + sides.length + level]);
  const rows = tf.reshape(tf.transpose(apart, [0, ...pairs, 1]), [out, length]); // [O, k k C]
  return linear(tf.reshape(x, [x.size / length, length]), rows, p(`${name}.bias`));
}

/** A patch embedding behind its convolution: norm and GELU. */
export function activated(p: Parameters, name: string, x: tf.Tensor, eps: number): tf.Tensor {
  return gelu(namedNorm(p, `${name}.norm`, x, eps));
}

/**
 * A block of a stage: x + conv2(depthwise(conv1(norm x))), then x + MLP(norm x); 1 x 1 convolutions are linear layers.
 *
 * @param x [rows, C]; the result has its shape
 * @param keep drop-path factors of both branches, [images, 1, 1] each
 */
export function convBlock(p: Parameters, name: string, x: tf.Tensor, stage: Stage, keep: tf.Tensor[] = []): tf.Tensor {
  const { layout: { images }, eps } = stage, [rows, dim] = x.shape as [number, number];
  const size = { batch: images, tokens: rows / images, dim, heads: 1 };
  const first = namedLinear(p, `${name}.conv1`, namedNorm(p, `${name}.norm1`, x, eps));
  const own = overImages(p, `${name}.attn`, first, stage);
  const h = tf.add(x, dropPath(namedLinear(p, `${name}.conv2`, own), size, keep[0]));
  return mlpBranch(p, name, h, size, keep[1], eps);
}

/** The depthwise convolution of the images that rows lie in, [rows, C] to the same. */
function overImages(p: Parameters, name: string, x: tf.Tensor, { layout, sides }: Stage): tf.Tensor {
  const { images, grid, spread, collect } = layout, [rows, C] = x.shape as [number, number];
  const side = product(sides), length = side * side * C;
  const patches = spread(tf.reshape(x, [x.size / length, length])); // [images * grid^2, s^2 C]
  const nested = [images, grid, grid, ...sides.flatMap((each) => [each, each]), C];
  // Rows of all levels, then columns of all levels.
  const down = [1, ...sides.map((_, level) => 3 + 2 * level)], across = down.map((axis) => axis + 1);
  const order = [0, ...down, ...across, nested.length - 1], back = order.map((_, axis) => order.indexOf(axis));
  const image = tf.reshape(tf.transpose(tf.reshape(patches, nested), order), [images, grid * side, grid * side, C]);
  const y = depthwiseConv(image, p(`${name}.weight`), p(`${name}.bias`));
  const apart = tf.transpose(tf.reshape(y, order.map((axis) => nested[axis])), back);
  return tf.reshape(collect(tf.reshape(apart, [images * grid * grid, length])), [rows, C]);
}
