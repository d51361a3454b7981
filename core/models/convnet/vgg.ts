import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { maxPool } from "../../engine/convOps.ts";
import { sizeOf } from "../../engine/program.ts";
import { atLeast1 } from "../../numbers.ts";
import type { Init } from "../parameters.ts";
import type { ConvNetConfig } from "./convNet.ts";
import { fromLayers } from "./fromLayers.ts";
import type { Layer } from "./layer.ts";
import { conv, linear, norm } from "./parts.ts";
import { MOST_LAYERS, netKeys, sideFault } from "./schema.ts";

/** A VGG net (Simonyan and Zisserman 2015) with batch norm and a head of three linear maps. */
export interface VggConfig extends ConvNetConfig {
  /** Widths of the 3x3 convolutions in order; "M": maximum over 2 x 2 pixels. */
  layers: (number | "M")[];
  /** Width of the head. */
  head: number;
}

/** "E" of FreezeOut's vgg.py, which has VGG-16's thirteen convolutions. */
export const VGG_E: Pick<VggConfig, "layers" | "head"> = {
  layers: [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"],
  head: 512,
};

/** Masks that the head takes: behind its first and its second linear map. */
const MASKS = 2;

/** Sides of the image behind and before all pools. */
const reduction = ({ layers }: VggConfig) => 2 ** layers.filter((each) => each === "M").length;

/** Linear, norm, ReLU, dropout; linear, norm, ReLU, a norm again, dropout; linear. One layer, which never freezes. */
function head(from: number, width: number, numClasses: number): Layer {
  const init: Init = { kind: "normal", std: 0.01 };
  const fc0 = linear("classifier.0", { from, to: width, init, entry: true }), bn1 = norm("classifier.1", width);
  const fc4 = linear("classifier.4", { from: width, to: width, init }), bn5 = norm("classifier.5", width);
  const bn7 = norm("classifier.7", width), fc9 = linear("classifier.9", { from: width, to: numClasses, init });
  return {
    name: "classifier",
    parts: [fc0, bn1, fc4, bn5, bn7, fc9],
    forward(x, pass) {
      const flat = tf.reshape(x, [x.shape[0], sizeOf(x.shape.slice(1))]); // [N, C H W]
      const first = pass.dropout(0, pass.normRelu(bn1, pass.linear(fc0, flat))); // [N, width]
      const second = pass.norm(bn7, pass.normRelu(bn5, pass.linear(fc4, first)));
      return pass.linear(fc9, pass.dropout(1, second));
    },
  };
}

function vggLayers(config: VggConfig): Layer[] {
  const features: Layer[] = [];
  let from = 3, side = config.imageSize;
  config.layers.forEach((each, i) => {
    if (each === "M") {
      side /= 2;
      return;
    }
    // Pools have no weights: one stands at the end of the convolution's layer before it.
    const pools = config.layers.slice(i + 1).findIndex((next) => next !== "M"), name = `features.${i}`;
    const behind = pools < 0 ? config.layers.length - 1 - i : pools;
    const conv1 = conv(`${name}.conv1`, { from, to: each, kernel: 3, side, entry: true }),
      bn1 = norm(`${name}.bn1`, each);
    features.push({
      name,
      parts: [conv1, bn1],
      forward(x, pass) {
        const active = pass.normRelu(bn1, pass.conv(conv1, x));
        return behind ? maxPool(active, 2 ** behind) : active;
      },
    });
    from = each;
  });
  return [...features, head(from * side * side, config.head, config.numClasses)];
}

/** VGG nets as in FreezeOut's vgg.py. */
export const vgg = fromLayers<VggConfig>({
  schema: z.strictObject({
    ...netKeys,
    layers: z.array(
      z.union([atLeast1, z.literal("M")], "a width of at least 1, or M for a pool"),
      'a list, e.g. [64,64,"M"]',
    ).max(MOST_LAYERS, `at most ${MOST_LAYERS} layers`),
    head: atLeast1,
  }),
  fault(config) {
    const { imageSize, layers } = config;
    if (typeof layers[0] !== "number") return `layers ${JSON.stringify(layers)}: want a convolution's width first`;
    return sideFault(imageSize, reduction(config));
  },
  title: ({ imageSize, layers }) => `VGG-${layers.filter((each) => each !== "M").length + 3}, ${imageSize} px`,
  layers: vggLayers,
  dropout: ({ head }) => ({ masks: MASKS, features: head }),
});
