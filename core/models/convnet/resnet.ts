import { z } from "zod";
import { globalAvgPool, relu } from "../../engine/convOps.ts";
import * as tf from "@tensorflow/tfjs-core";
import { atLeast1 } from "../../numbers.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { convNet } from "./family.ts";
import { linearInit, type Module } from "./modules.ts";
import { sidesFault } from "./sides.ts";

/** A residual network with a stem for small images: one 3 x 3 convolution, no pooling. */
export interface ResNetConfig extends ConvNetConfig {
  block: "basic" | "bottleneck";
  /** Blocks of each stage: [2, 2, 2, 2] for ResNet-18. */
  blocks: number[];
  /** Width of each stage: [64, 128, 256, 512]; bottlenecks put out four times as much. */
  widths: number[];
  /** Maps of the stem; the first stage's width unless given. */
  stem?: number;
  /** Width of a bottleneck's 3 x 3 convolution for a stage of width 64: 128 for wide residual networks; 64 unless given. */
  baseWidth?: number;
}

interface Block {
  name: string;
  inputs: number;
  inner: number;
  outputs: number;
  stride: number;
}

const EXPANSION = 4;
const stemOf = ({ stem, widths }: ResNetConfig) => stem ?? widths[0];

function blocksOf(config: ResNetConfig): Block[] {
  const { block, blocks, widths, baseWidth = 64 } = config, wide = block === "bottleneck";
  let inputs = stemOf(config);
  return widths.flatMap((width, stage) =>
    Array.from({ length: blocks[stage] }, (_, k) => {
      const inner = wide ? Math.floor(width * baseWidth / 64) : width, outputs = wide ? EXPANSION * width : width;
      const made = { name: `layer${stage + 1}.${k}`, inputs, inner, outputs, stride: stage > 0 && k === 0 ? 2 : 1 };
      inputs = outputs;
      return made;
    })
  );
}

const projects = ({ inputs, outputs, stride }: Block) => inputs !== outputs || stride !== 1;

function modulesOf(block: Block, layer: number, kind: ResNetConfig["block"]): Module[] {
  const { name, inputs, inner, outputs } = block;
  const pair = (conv: string, norm: string, from: number, to: number, size: number): Module[] => [
    { kind: "conv", name: `${name}.${conv}`, layer, inputs: from, outputs: to, size },
    { kind: "norm", name: `${name}.${norm}`, layer, channels: to },
  ];
  return [
    ...(kind === "basic" ? [...pair("conv1", "bn1", inputs, inner, 3), ...pair("conv2", "bn2", inner, outputs, 3)] : [
      ...pair("conv1", "bn1", inputs, inner, 1),
      ...pair("conv2", "bn2", inner, inner, 3),
      ...pair("conv3", "bn3", inner, outputs, 1),
    ]),
    ...(projects(block) ? pair("downsample.0", "downsample.1", inputs, outputs, 1) : []),
  ];
}

/**
 * Residual networks with torchvision's blocks and names; FreezeOut's code has none. The stem with its norm is layer 0, each block
 * one layer.
 */
export const resnet = convNet<ResNetConfig>({
  schema: z.strictObject({
    imageSize: atLeast1,
    numClasses: atLeast1,
    block: z.enum(["basic", "bottleneck"], "basic or bottleneck"),
    blocks: z.array(atLeast1, "counts of blocks").min(1, "at least one stage"),
    widths: z.array(atLeast1, "widths").min(1, "at least one stage"),
    stem: atLeast1.optional(),
    baseWidth: atLeast1.optional(),
  }),
  fault({ block, blocks, widths, baseWidth = 64, imageSize }) {
    if (blocks.length !== widths.length) return `widths [${widths}]: want one for each of the ${blocks.length} stages`;
    if (block === "basic" && baseWidth !== 64) return `baseWidth ${baseWidth}: want none with basic blocks`;
    if (widths.some((width) => Math.floor(width * baseWidth / 64) < 1)) {
      return `baseWidth ${baseWidth}: want one that leaves every bottleneck a channel`;
    }
    return sidesFault(imageSize, widths.length - 1);
  },
  title(config) {
    const { block, blocks, imageSize } = config, perBlock = block === "basic" ? 2 : 3;
    const depth = 2 + perBlock * blocks.reduce((sum, count) => sum + count);
    return `ResNet-${depth} (${block}), ${imageSize} px`;
  },
  layerNames: (config) => ["conv1, bn1", ...blocksOf(config).map(({ name }) => name), "fc"],
  modules(config) {
    const blocks = blocksOf(config), last = blocks.length + 1, width = blocks.at(-1)!.outputs, stem = stemOf(config);
    return [
      { kind: "conv", name: "conv1", layer: 0, inputs: 3, outputs: stem, size: 3 },
      { kind: "norm", name: "bn1", layer: 0, channels: stem },
      ...blocks.flatMap((block, k) => modulesOf(block, k + 1, config.block)),
      { kind: "linear", name: "fc", layer: last, inputs: width, outputs: config.numClasses, weight: linearInit(width) },
    ];
  },
  logits(config, pass, images) {
    let x: tf.Tensor = pass.norm("bn1", pass.conv("conv1", images, { padding: 1 }), true);
    for (const block of blocksOf(config)) {
      const { name, stride } = block, part = (which: string) => `${name}.${which}`;
      let y: tf.Tensor;
      if (config.block === "basic") {
        const a = pass.norm(part("bn1"), pass.conv(part("conv1"), x, { stride, padding: 1 }), true);
        y = pass.norm(part("bn2"), pass.conv(part("conv2"), a, { padding: 1 }));
      } else {
        const a = pass.norm(part("bn1"), pass.conv(part("conv1"), x), true);
        const b = pass.norm(part("bn2"), pass.conv(part("conv2"), a, { stride, padding: 1 }), true);
        y = pass.norm(part("bn3"), pass.conv(part("conv3"), b));
      }
      const shortcut = projects(block)
        ? pass.norm(part("downsample.1"), pass.conv(part("downsample.0"), x, { stride }))
        : x;
      x = relu(tf.add(y, shortcut));
    }
    return pass.linear("fc", globalAvgPool(x));
  },
});
