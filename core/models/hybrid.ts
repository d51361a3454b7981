import * as tf from "@tensorflow/tfjs-core";
import type { Parameters } from "../engine/program.ts";
import type { VitConfig } from "./config.ts";
import {
  activated,
  convBlock,
  type HybridConfig,
  type Layout,
  stagePixels,
  stageSides,
  windowLinear,
} from "./convStages.ts";
import {
  blockParameters,
  convParameters,
  linearParameters,
  type ModelParameter,
  normParameters,
} from "./parameters.ts";
import { block, namedLinear } from "./vit.ts";

/** Whether an encoder has convolution stages. */
export function isHybrid(config: VitConfig): config is HybridConfig {
  return config.stages !== undefined;
}

/** Blocks of all stages: each has two branches that drop path may drop. */
export function blockCount({ depth, stages }: VitConfig): number {
  return depth + (stages ? stages.depths[0] + stages.depths[1] : 0);
}

/** A convolution's weight [out, into, k, k] and its bias; Xavier's rule as a flat matrix where `xavier`. */
function conv(name: string, out: number, into: number, k: number, xavier = false): ModelParameter[] {
  const fanIn = into * k * k, [weight, bias] = convParameters(name, [out, into, k, k], fanIn, out);
  return [xavier ? { ...weight, init: { kind: "xavierUniform", fanIn, fanOut: out } } : weight, bias];
}

function convBlockParameters(name: string, dim: number, mlpRatio: number): ModelParameter[] {
  return [
    ...normParameters(`${name}.norm1`, dim),
    ...conv(`${name}.conv1`, dim, dim, 1),
    ...conv(`${name}.conv2`, dim, dim, 1),
    ...conv(`${name}.attn`, dim, 1, KERNEL),
    ...normParameters(`${name}.norm2`, dim),
    ...conv(`${name}.mlp.fc1`, mlpRatio * dim, dim, 1),
    ...conv(`${name}.mlp.fc2`, dim, mlpRatio * dim, 1),
  ];
}

/** Side of the depthwise kernels. */
const KERNEL = 5;

/**
 * Parameters of a hybrid encoder up to its last block, under the names of ConvMAE's and DMJD's checkpoints; positions are not among
 * them. Of the convolutions the last embedding's alone starts by Xavier's rule (released code).
 */
export function hybridParameters(config: HybridConfig): ModelParameter[] {
  const { embedDim, depth, mlpRatio, stages } = config, { patchSizes: [k1, k2], dims: [c1, c2] } = stages;
  const [, [k3]] = stageSides(config);
  const blocks = (stage: number, count: number, of: (name: string) => ModelParameter[]) =>
    Array.from({ length: count }, (_, i) => of(`blocks${stage}.${i}`)).flat();
  return [
    ...conv("patch_embed1.proj", c1, 3, k1),
    ...normParameters("patch_embed1.norm", c1),
    ...conv("patch_embed2.proj", c2, c1, k2),
    ...normParameters("patch_embed2.norm", c2),
    ...conv("patch_embed3.proj", embedDim, c2, k3, true),
    ...normParameters("patch_embed3.norm", embedDim),
    ...linearParameters("patch_embed4", embedDim, embedDim),
    ...blocks(1, stages.depths[0], (name) => convBlockParameters(name, c1, stages.mlpRatio)),
    ...blocks(2, stages.depths[1], (name) => convBlockParameters(name, c2, stages.mlpRatio)),
    ...blocks(3, depth, (name) => blockParameters(name, embedDim, mlpRatio)),
  ];
}

/** The convolutions that bring both stages to the last tokens in pre-training. */
export function fusionParameters(config: HybridConfig): ModelParameter[] {
  const { embedDim, patchSize, stages: { patchSizes: [k1], dims } } = config, [, [last]] = stageSides(config);
  return [
    ...conv("stage1_output_decode", embedDim, dims[0], patchSize / k1),
    ...conv("stage2_output_decode", embedDim, dims[1], last),
  ];
}

/** What an encoder is given beside its patches. */
export interface HybridInputs {
  layout: Layout;
  /** Of each row's patch [rows, D], or something that broadcasts over [images, rows of an image, D]. */
  positions: tf.Tensor;
  /** Whether both stages are added to the last tokens, as in pre-training. */
  fused: boolean;
  /** Drop-path factors of every block's branches, [images, 1, 1] each, first stage first; none: nothing is dropped. */
  keep?: tf.Tensor[];
}

/**
 * Tokens behind the last block of a hybrid encoder.
 *
 * @param patches [rows, 3*p*p], each by (channel, row, column)
 * @returns [rows, D]
 */
export function encodeHybrid(p: Parameters, config: HybridConfig, patches: tf.Tensor, inputs: HybridInputs): tf.Tensor {
  const { embedDim: dim, depth, numHeads: heads, stages: { depths, normEps: eps, patchSizes: [, k2] } } = config;
  const { layout, positions, fused, keep } = inputs, sides = stageSides(config), [, [k3]] = sides;
  const tokens = patches.shape[0] / layout.images;
  let next = 0;
  const factors = () => keep?.slice(2 * next, 2 * ++next);
  const stage = (number: 1 | 2, x: tf.Tensor) => {
    const own = { layout, sides: sides[number - 1], eps };
    for (let i = 0; i < depths[number - 1]; i++) x = convBlock(p, `blocks${number}.${i}`, x, own, factors());
    return x;
  };
  const pixels = namedLinear(p, "patch_embed1.proj", stagePixels(patches, config));
  const first = stage(1, activated(p, "patch_embed1", pixels, eps)); // [rows * s1^2, C1]
  const joined = windowLinear(p, "patch_embed2.proj", first, [k2]);
  const second = stage(2, activated(p, "patch_embed2", joined, eps)); // [rows * s2^2, C2]
  const last = activated(p, "patch_embed3", windowLinear(p, "patch_embed3.proj", second, [k3]), eps); // [rows, D]
  const embedded = tf.reshape(namedLinear(p, "patch_embed4", last), [layout.images, tokens, dim]);
  let x: tf.Tensor = tf.reshape(tf.add(embedded, positions), [layout.images * tokens, dim]);
  const size = { batch: layout.images, tokens, dim, heads };
  for (let i = 0; i < depth; i++) x = block(p, `blocks3.${i}`, x, size, factors());
  if (!fused) return x;
  const added = tf.add(x, windowLinear(p, "stage1_output_decode", first, sides[0]));
  return tf.add(added, windowLinear(p, "stage2_output_decode", second, sides[1]));
}

/** All patches of images as rows, in order. */
export function wholeImages(images: number, grid: number): Layout {
  return { images, grid, spread: (rows) => rows, collect: (patches) => patches };
}

/** A value of a hybrid encoder's shape that does not fit another one: key, value found, value wanted. */
export function hybridFault({ patchSize, stages }: HybridConfig): string | undefined {
  const { patchSizes: [first, second], dims, mlpRatio } = stages;
  if (patchSize % (first * second)) {
    return `stages.patchSizes [${first},${second}]: want such that their product divides the patchSize ${patchSize}`;
  }
  const uneven = dims.find((dim) => !Number.isInteger(dim * mlpRatio));
  if (uneven !== undefined) return `stages.mlpRatio ${mlpRatio}: want one that makes a whole number of ${uneven}`;
}
