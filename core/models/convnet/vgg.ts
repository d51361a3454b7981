import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { maxPool, relu } from "../../engine/convOps.ts";
import { atLeast1 } from "../../numbers.ts";
import type { Init } from "../parameters.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { convNet } from "./family.ts";
import type { Module } from "./modules.ts";
import { sidesFault } from "./sides.ts";

/** A VGG: convolutions, each with norm and ReLU, and poolings; a head of three linear layers. */
export interface VggConfig extends ConvNetConfig {
  /** Widths of the convolutions in order; "M" halves the sides by their maxima. */
  features: (number | "M")[];
  /** Width of the head's two hidden layers: 512. */
  head: number;
}

/** FreezeOut's "E", which is VGG-16. */
export const VGG16: (number | "M")[] = [
  ...[64, 64, "M", 128, 128, "M", 256, 256, 256, "M"] as const,
  ...[512, 512, 512, "M", 512, 512, 512, "M"] as const,
];

/** Deviation of the linear layers' weights. */
const LINEAR: Init = { kind: "normal", std: 0.01 };

const poolings = ({ features }: VggConfig) => features.filter((width) => width === "M").length;
const convNames = ({ features }: VggConfig) => features.flatMap((width, k) => width === "M" ? [] : [`features.${k}`]);
const lastWidth = ({ features }: VggConfig) => features.findLast((width) => width !== "M") as number;
/** Values of an image behind the last pooling. */
const flat = (config: VggConfig) => lastWidth(config) * (config.imageSize / 2 ** poolings(config)) ** 2;

/**
 * VGG as in FreezeOut's code (vgg.py): the head has a norm behind its second ReLU besides those before the ReLUs. In the
 * released code its counter of iterations never moves, so rates stay and nothing freezes; that is a setting of the schedule.
 */
export const vgg = convNet<VggConfig>({
  schema: z.strictObject({
    imageSize: atLeast1,
    numClasses: atLeast1,
    features: z.array(z.union([atLeast1, z.literal("M")]), "widths and M").min(1, "at least one convolution"),
    head: atLeast1,
  }),
  fault(config) {
    if (typeof config.features[0] !== "number") return `features [${config.features}]: want a convolution first`;
    return sidesFault(config.imageSize, poolings(config));
  },
  title: (config) => `VGG-${convNames(config).length + 3}, ${config.imageSize} px`,
  layerNames: (config) => [...convNames(config), "classifier"],
  dropout: ({ head }) => ({ places: 2, features: head }),
  modules(config) {
    const { features, head, numClasses } = config, names = convNames(config), last = names.length;
    let inputs = 3, layer = 0;
    const convolutions = features.flatMap((width, k): Module[] => {
      if (width === "M") return [];
      const made: Module[] = [
        { kind: "conv", name: `features.${k}.conv1`, layer, inputs, outputs: width, size: 3 },
        { kind: "norm", name: `features.${k}.bn1`, layer, channels: width },
      ];
      [inputs, layer] = [width, layer + 1];
      return made;
    });
    const linear = (k: number, inputs: number, outputs: number): Module => ({
      kind: "linear",
      name: `classifier.${k}`,
      layer: last,
      inputs,
      outputs,
      weight: LINEAR,
    });
    const norm = (k: number): Module => ({ kind: "norm", name: `classifier.${k}`, layer: last, channels: head });
    return [
      ...convolutions,
      linear(0, flat(config), head),
      norm(1),
      linear(4, head, head),
      norm(5),
      norm(7),
      linear(9, head, numClasses),
    ];
  },
  logits(config, pass, images, keep) {
    let x: tf.Tensor = images;
    config.features.forEach((width, k) => {
      if (width === "M") x = maxPool(x, 2);
      else {
        const maps = pass.conv(`features.${k}.conv1`, x, { padding: 1 });
        x = pass.norm(`features.${k}.bn1`, maps, true);
      }
    });
    const batch = images.shape[0];
    const dropped = (values: tf.Tensor, place: number) =>
      keep ? tf.mul(values, tf.reshape(tf.gather(keep, tf.tensor1d([place], "int32")), [batch, config.head])) : values;
    x = tf.reshape(x, [batch, flat(config)]);
    x = dropped(pass.norm("classifier.1", pass.linear("classifier.0", x), true), 0);
    x = relu(pass.norm("classifier.5", pass.linear("classifier.4", x)));
    x = dropped(pass.norm("classifier.7", x), 1);
    return pass.linear("classifier.9", x);
  },
});
