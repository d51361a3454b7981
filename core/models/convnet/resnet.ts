import { z } from "zod";
import { globalAvgPool, relu } from "../../engine/convOps.ts";
import * as tf from "@tensorflow/tfjs-core";
import { atLeast1 } from "../../numbers.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { fromLayers } from "./fromLayers.ts";
import type { Layer, LayerPass } from "./layer.ts";
import { type Conv, conv, linear, type Norm, norm } from "./parts.ts";
import { counts, MOST_LAYERS, netKeys, sideFault } from "./schema.ts";

/** A ResNet (He et al. 2016) with the 3x3 stem of CIFAR: no first pool. */
export interface ResNetConfig extends ConvNetConfig {
  /** Two 3x3 convolutions, or 1x1, 3x3, 1x1 with four times the width at the end. */
  block: "basic" | "bottleneck";
  /** Blocks of each stage; every stage but the first halves the image. */
  blocks: number[];
  /** Width of each stage. */
  widths: number[];
  /** Channels of the stem. */
  stem: number;
  /** 64 times the inner width of a bottleneck over its stage's width: 128 for "wide ResNet-50-2". */
  baseWidth: number;
}

const standard = { stem: 64, widths: [64, 128, 256, 512], baseWidth: 64 };

/** The usual ResNets by the names of torchvision. */
export const RESNET_PRESETS = {
  resnet18: { block: "basic", blocks: [2, 2, 2, 2], ...standard },
  resnet34: { block: "basic", blocks: [3, 4, 6, 3], ...standard },
  resnet50: { block: "bottleneck", blocks: [3, 4, 6, 3], ...standard },
  wide_resnet50_2: { block: "bottleneck", blocks: [3, 4, 6, 3], ...standard, baseWidth: 128 },
} as const;

/** Channels behind a bottleneck over its stage's width. */
const EXPANSION = 4;

/** A convolution and the norm behind it. */
type Normed = [Conv, Norm];

/** The convolutions of a block with their norms; a bottleneck strides in its 3x3, as torchvision does. */
function branch(name: string, { block, baseWidth }: ResNetConfig, size: BlockSize): Normed[] {
  const { from, width, stride, side } = size, after = side / stride;
  const normed = (i: number, shape: Parameters<typeof conv>[1]): Normed => {
    return [conv(`${name}.conv${i}`, shape), norm(`${name}.bn${i}`, shape.to)];
  };
  if (block === "basic") {
    return [
      normed(1, { from, to: width, kernel: 3, stride, side, entry: true }),
      normed(2, { from: width, to: width, kernel: 3, side: after }),
    ];
  }
  const inner = Math.floor(width * baseWidth / 64);
  return [
    normed(1, { from, to: inner, kernel: 1, side, entry: true }),
    normed(2, { from: inner, to: inner, kernel: 3, stride, side }),
    normed(3, { from: inner, to: width * EXPANSION, kernel: 1, side: after }),
  ];
}

interface BlockSize {
  from: number;
  width: number;
  stride: number;
  side: number;
}

/** A convolution, its norm, and ReLU. */
const active = (pass: LayerPass, [each, norm]: Normed, x: tf.Tensor) => pass.normRelu(norm, pass.conv(each, x));

/** A block after whose sum ReLU stands; where width or side change, the shortcut is a 1x1 convolution and a norm. */
function residual(name: string, config: ResNetConfig, size: BlockSize): Layer {
  const { from, width, stride, side } = size, to = config.block === "basic" ? width : width * EXPANSION;
  const body = branch(name, config, size), [last, lastNorm] = body[body.length - 1];
  const shortcut: Normed[] = stride === 1 && from === to ? [] : [[
    conv(`${name}.downsample.0`, { from, to, kernel: 1, stride, side, entry: true }),
    norm(`${name}.downsample.1`, to),
  ]];
  return {
    name,
    parts: [...body, ...shortcut].flat(),
    forward(x, pass) {
      const hidden = body.slice(0, -1).reduce((value, each) => active(pass, each, value), x);
      const end = pass.norm(lastNorm, pass.conv(last, hidden)); // [N, to, H / stride, W / stride]
      const [projection] = shortcut;
      return relu(tf.add(end, projection ? pass.norm(projection[1], pass.conv(projection[0], x)) : x));
    },
  };
}

function resNetLayers(config: ResNetConfig): Layer[] {
  const { imageSize, numClasses, block, blocks, widths } = config;
  const stem: Normed = [
    conv("conv1", { from: 3, to: config.stem, kernel: 3, side: imageSize, entry: true }),
    norm("bn1", config.stem),
  ];
  const layers: Layer[] = [{ name: "conv1, bn1", parts: stem, forward: (x, pass) => active(pass, stem, x) }];
  let from = config.stem, side = imageSize;
  blocks.forEach((count, stage) => {
    for (let i = 0; i < count; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1, width = widths[stage];
      layers.push(residual(`layer${stage + 1}.${i}`, config, { from, width, stride, side }));
      from = block === "basic" ? width : width * EXPANSION;
      side /= stride;
    }
  });
  const fc = linear("fc", { from, to: numClasses, entry: true });
  return [...layers, { name: "fc", parts: [fc], forward: (x, pass) => pass.linear(fc, globalAvgPool(x)) }];
}

/** Layers with weights, the shortcuts' not counted: 18, 34, 50. */
function depthOf({ block, blocks }: ResNetConfig): number {
  return 2 + blocks.reduce((sum, count) => sum + count, 0) * (block === "basic" ? 2 : 3);
}

/** A value that does not fit the others. */
function resNetFault(config: ResNetConfig): string | undefined {
  const { imageSize, block, blocks, widths, baseWidth } = config;
  if (widths.length !== blocks.length) {
    return `widths ${JSON.stringify(widths)}: want one for each of the ${blocks.length} stages in blocks`;
  }
  if (depthOf(config) > MOST_LAYERS) return `blocks ${JSON.stringify(blocks)}: want at most ${MOST_LAYERS} layers`;
  if (block === "basic" && baseWidth !== 64) return `baseWidth ${baseWidth}: want 64, which basic blocks have`;
  if (widths.some((width) => width * baseWidth < 64)) {
    return `baseWidth ${baseWidth}: want one that leaves bottlenecks of widths ${JSON.stringify(widths)} a channel`;
  }
  return sideFault(imageSize, 2 ** (blocks.length - 1));
}

/** ResNets of torchvision's blocks and names; frozen layers are in inference mode, the stem's norm among them. */
export const resnet = fromLayers<ResNetConfig>({
  schema: z.strictObject({
    ...netKeys,
    block: z.enum(["basic", "bottleneck"], "basic or bottleneck"),
    blocks: counts("[2,2,2,2]"),
    widths: counts("[64,128,256,512]"),
    stem: atLeast1,
    baseWidth: atLeast1,
  }),
  fault: resNetFault,
  title(config) {
    const wide = config.baseWidth === 64 ? "" : `-${config.baseWidth / 64}`;
    return `ResNet-${depthOf(config)}${wide} of widths ${config.widths.join(" ")}, ${config.imageSize} px`;
  },
  layers: resNetLayers,
});
