import * as tf from "@tensorflow/tfjs-core";
import { globalAvgPool } from "../../engine/convOps.ts";
import type { InputSpec, Parameters, ParameterSpec } from "../../engine/program.ts";
import { UserError } from "../../errors.ts";
import type { ConvNet, ConvNetConfig, NormStatistics } from "./convNet.ts";
import { type Layer, LayerPass } from "./layer.ts";
import { type Linear, type Norm, partParameters } from "./parts.ts";
import { statisticsSpecs } from "./statistics.ts";

/** What makes a net: its config and its layers. */
export interface NetDesign<Config> extends Pick<ConvNet<Config>, "schema" | "fault" | "title"> {
  /** From the stem to the head. */
  layers(config: Config): Layer[];
  /** Masks that the head's dropout takes; absent where the net drops nothing out. */
  dropout?(config: Config): { masks: number; features: number };
}

/** The head of most nets: batch norm and ReLU, mean over the pixels, linear; it is called by both modules' names. */
export function normHead(norm: Norm, fc: Linear): Layer {
  return {
    name: `${norm.name}, ${fc.name}`,
    parts: [norm, fc],
    forward: (x, pass) => pass.linear(fc, globalAvgPool(pass.normRelu(norm, x))),
  };
}

/** Cross-entropy against rows of probabilities, mean over the batch. */
function crossEntropy(logits: tf.Tensor, targets: tf.Tensor, batch: number): tf.Tensor {
  return tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(logits, -1))), batch));
}

/** A net from its layers, one after the other. */
export function fromLayers<Config extends ConvNetConfig>(design: NetDesign<Config>): ConvNet<Config> {
  const { schema, fault, title, layers } = design;
  const statisticsOf = (net: Layer[]): NormStatistics[] =>
    net.flatMap(({ parts }, layer) =>
      parts.flatMap((part) => part.kind === "norm" ? [{ name: part.name, channels: part.channels, layer }] : [])
    );
  const parametersOf = (net: Layer[]) => net.flatMap(({ parts }) => parts.flatMap(partParameters));
  /** Weights, and the running statistics of the layers in inference mode. */
  const read = (net: Layer[], firstLive: number): ParameterSpec[] => [
    ...parametersOf(net).map(({ name, shape }) => ({ name, shape })),
    ...statisticsSpecs(statisticsOf(net).filter(({ layer }) => layer < firstLive)),
  ];
  const images = (config: Config, batch: number): InputSpec => {
    return { shape: [batch, 3, config.imageSize, config.imageSize], dtype: "float32" };
  };
  const run = (net: Layer[], x: tf.Tensor, pass: (layer: number) => LayerPass) =>
    net.reduce((value, layer, i) => layer.forward(value, pass(i)), x);
  return {
    schema,
    fault,
    title,
    layers: (config) => layers(config).length,
    layerNames: (config) => layers(config).map(({ name }) => name),
    parameters: (config) => parametersOf(layers(config)),
    layerOf(config, parameter) {
      const layer = layers(config).findIndex((each) => {
        return each.parts.flatMap(partParameters).some(({ name }) => name === parameter);
      });
      if (layer < 0) throw new RangeError(`Cannot find the layer of '${parameter}': it is no parameter of the net`);
      return layer;
    },
    statistics: (config) => statisticsOf(layers(config)),
    parts: (config) => layers(config).map(({ parts }) => parts),
    program(config, batch, firstLive) {
      if (batch < 2) {
        throw new UserError(
          `Cannot train ${title(config)} on a batch of ${batch}: want at least 2 images, for batch norm`,
        );
      }
      const net = layers(config), masks = design.dropout?.(config);
      const keep: Record<string, InputSpec> = masks
        ? { keep: { shape: [masks.masks, batch, masks.features], dtype: "float32" } }
        : {};
      return {
        parameters: read(net, firstLive),
        inputs: {
          images: images(config, batch),
          targets: { shape: [batch, config.numClasses], dtype: "float32" },
          ...keep,
        },
        build(p, inputs) {
          const statistics: Record<string, tf.Tensor> = {};
          const kept = masks &&
            tf.split(inputs.keep, masks.masks).map((each) => tf.reshape(each, [batch, masks.features]));
          const frozen = new LayerPass(p), live = new LayerPass(p, statistics, kept);
          const logits = run(net, inputs.images, (layer) => layer < firstLive ? frozen : live);
          return { loss: crossEntropy(logits, inputs.targets, batch), logits, ...statistics };
        },
      };
    },
    inference(config, batch) {
      const net = layers(config);
      return {
        parameters: read(net, net.length),
        inputs: { images: images(config, batch) },
        build: (p: Parameters, inputs) => ({ logits: run(net, inputs.images, () => new LayerPass(p)) }),
      };
    },
  };
}
