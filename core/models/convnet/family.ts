import * as tf from "@tensorflow/tfjs-core";
import type { z } from "zod";
import type { InputSpec, Program } from "../../engine/program.ts";
import { allTensors, type ConvNet, type ConvNetConfig, foundLayer, specsOf } from "./convNet.ts";
import { type Module, moduleLayers, moduleParameters, moduleStatistics } from "./modules.ts";
import { Pass } from "./pass.ts";

/** What makes a family of networks: its modules, and the way of an image through them. */
export interface Family<Config extends ConvNetConfig> {
  schema: z.ZodType<Config>;
  /** A value of a config that does not fit another one: key, value found, value wanted. */
  fault(config: Config): string | undefined;
  title(config: Config): string;
  layerNames(config: Config): string[];
  /** In the order of the official state dict. */
  modules(config: Config): Module[];
  /** Features of an image that dropout looks at, at each of its places. */
  dropout?(config: Config): { places: number; features: number };
  /**
   * Logits, [N, C].
   *
   * @param images [N, 3, S, S]
   * @param keep factors of dropout, [places, N, features]; absent in inference
   */
  logits(config: Config, pass: Pass, images: tf.Tensor, keep?: tf.Tensor): tf.Tensor;
}

/** A family with all that follows from its modules. */
export function convNet<Config extends ConvNetConfig>(family: Family<Config>): ConvNet<Config> {
  const dropout = (config: Config) => family.dropout?.(config) ?? { places: 0, features: 0 };
  const images = ({ imageSize }: Config, batch: number): InputSpec => ({
    shape: [batch, 3, imageSize, imageSize],
    dtype: "float32",
  });
  const net: ConvNet<Config> = {
    schema: family.schema,
    fault: (config) => family.fault(config),
    title: (config) => family.title(config),
    layerNames: (config) => family.layerNames(config),
    parameters: (config) => moduleParameters(family.modules(config)),
    statistics: (config) => moduleStatistics(family.modules(config)),
    layerOf: (config, parameter) => foundLayer(moduleLayers(family.modules(config)), parameter),
    dropout,
    program(config, batch, firstLive): Program {
      const { places, features } = dropout(config), modules = family.modules(config), { numClasses } = config;
      return {
        parameters: specsOf(allTensors(net, config)),
        inputs: {
          images: images(config, batch),
          targets: { shape: [batch, numClasses], dtype: "float32" },
          ...(places && { keep: { shape: [places, batch, features], dtype: "float32" as const } }),
        },
        build(p, { images, targets, keep }) {
          const pass = new Pass(p, modules, { firstLive }), logits = family.logits(config, pass, images, keep);
          const loss = tf.neg(tf.div(tf.sum(tf.mul(targets, tf.logSoftmax(logits, -1))), batch));
          return { loss, logits, ...pass.statistics };
        },
      };
    },
    inference: (config, batch): Program => ({
      parameters: specsOf(allTensors(net, config)),
      inputs: { images: images(config, batch) },
      build: (p, { images }) => ({
        logits: family.logits(config, new Pass(p, family.modules(config), "inference"), images),
      }),
    }),
  };
  return net;
}
