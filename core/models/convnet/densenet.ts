import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { avgPool, concatChannels, globalAvgPool, relu } from "../../engine/convOps.ts";
import { atLeast1 } from "../../numbers.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { convNet } from "./family.ts";
import { linearInit, type Module } from "./modules.ts";
import { sidesFault } from "./sides.ts";

/** A densely connected network of three dense blocks. */
export interface DenseNetConfig extends ConvNetConfig {
  /** 6 n + 4 with bottlenecks, 3 n + 4 without: n units in each dense block. */
  depth: number;
  /** Maps that a unit adds. */
  growth: number;
  /** Whether a unit first narrows to 4 growth maps by a 1 x 1 convolution. */
  bottleneck: boolean;
}

/** A unit of a dense block, or a transition between two. */
interface Part {
  kind: "unit" | "transition";
  name: string;
  inputs: number;
  outputs: number;
}

function partsOf({ depth, growth, bottleneck }: DenseNetConfig): { parts: Part[]; width: number } {
  const units = (depth - 4) / (bottleneck ? 6 : 3), parts: Part[] = [];
  let width = 2 * growth;
  for (let stage = 1; stage <= 3; stage++) {
    for (let k = 0; k < units; k++) {
      parts.push({ kind: "unit", name: `dense${stage}.${k}`, inputs: width, outputs: growth });
      width += growth;
    }
    if (stage === 3) break;
    const outputs = Math.floor(width / 2);
    parts.push({ kind: "transition", name: `trans${stage}`, inputs: width, outputs });
    width = outputs;
  }
  return { parts, width };
}

const norm = (name: string, layer: number, channels: number): Module => ({ kind: "norm", name, layer, channels });
const conv = (name: string, layer: number, inputs: number, outputs: number, size: number): Module => ({
  kind: "conv",
  name,
  layer,
  inputs,
  outputs,
  size,
});

function modulesOf({ kind, name, inputs, outputs }: Part, layer: number, bottleneck: boolean): Module[] {
  const first = norm(`${name}.bn1`, layer, inputs);
  if (kind === "transition") return [first, conv(`${name}.conv1`, layer, inputs, outputs, 1)];
  if (!bottleneck) return [first, conv(`${name}.conv1`, layer, inputs, outputs, 3)];
  return [
    first,
    conv(`${name}.conv1`, layer, inputs, 4 * outputs, 1),
    norm(`${name}.bn2`, layer, 4 * outputs),
    conv(`${name}.conv2`, layer, 4 * outputs, outputs, 3),
  ];
}

/**
 * Densely connected networks as FreezeOut trains them (densenet.py). Unlike in the paper of DenseNet, a transition has its ReLU
 * before its norm, and so has a unit without bottleneck.
 */
export const densenet = convNet<DenseNetConfig>({
  schema: z.strictObject({
    imageSize: atLeast1,
    numClasses: atLeast1,
    depth: atLeast1,
    growth: atLeast1,
    bottleneck: z.boolean("true or false"),
  }),
  fault({ depth, bottleneck, imageSize }) {
    const step = bottleneck ? 6 : 3;
    if (depth < step + 4 || (depth - 4) % step) {
      return `depth ${depth}: want ${step} n + 4 of a DenseNet ${bottleneck ? "with" : "without"} bottlenecks`;
    }
    return sidesFault(imageSize, 2);
  },
  title: ({ depth, growth, bottleneck, imageSize }) =>
    `DenseNet${bottleneck ? "-BC" : ""}-${depth}, growth ${growth}, ${imageSize} px`,
  layerNames: (config) => ["conv1", ...partsOf(config).parts.map(({ name }) => name), "bn1, fc"],
  modules(config) {
    const { parts, width } = partsOf(config), last = parts.length + 1;
    return [
      conv("conv1", 0, 3, 2 * config.growth, 3),
      ...parts.flatMap((part, k) => modulesOf(part, k + 1, config.bottleneck)),
      norm("bn1", last, width),
      { kind: "linear", name: "fc", layer: last, inputs: width, outputs: config.numClasses, weight: linearInit(width) },
    ];
  },
  logits(config, pass, images) {
    let x: tf.Tensor = pass.conv("conv1", images, { padding: 1 });
    for (const { kind, name } of partsOf(config).parts) {
      if (kind === "transition") x = avgPool(pass.conv(`${name}.conv1`, pass.norm(`${name}.bn1`, relu(x))), 2);
      else if (config.bottleneck) {
        const narrow = pass.conv(`${name}.conv1`, pass.norm(`${name}.bn1`, x, true));
        const more = pass.conv(`${name}.conv2`, pass.norm(`${name}.bn2`, narrow, true), { padding: 1 });
        x = concatChannels([x, more]);
      } else {
        const more = pass.conv(`${name}.conv1`, pass.norm(`${name}.bn1`, relu(x)), { padding: 1 });
        x = concatChannels([x, more]);
      }
    }
    return pass.linear("fc", globalAvgPool(pass.norm("bn1", x, true)));
  },
});
