import { z } from "zod";
import { counted } from "../../core/counted.ts";
import type { ParameterSpec } from "../../core/engine/program.ts";
import type { Method } from "../../core/methods/method.ts";
import { METHODS } from "../../core/methods/mod.ts";
import { type ClassifierConfig, classifierParameters } from "../../core/models/classifier.ts";
import { classTokens, type EncoderConfig, encoderOf, gridSize, type VitConfig } from "../../core/models/config.ts";
import type { ConvNet, ConvNetConfig } from "../../core/models/convnet/convNet.ts";
import { CONVNETS } from "../../core/models/convnet/mod.ts";
import { statisticsSpecs } from "../../core/models/convnet/statistics.ts";
import { normParameters } from "../../core/models/parameters.ts";
import { posEmbedTensor } from "../../core/models/posEmbed.ts";
import { classifierSchema, encoderFault, encoderSchema } from "../../core/models/schema.ts";
import { encoderSpecs } from "../../core/probes/features.ts";
import { linearProbeTensors } from "../../core/probes/linearProbe.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";
import { linearSchema } from "../config.ts";

/** What there is to know of a kind of model whose weights lie in files. */
export interface ModelKind<Config> {
  /** What a config may be, and what of it does not fit the rest. */
  schema: z.ZodType<Config>;
  fault(config: Config): string | undefined;
  /** Shape of the encoder that it holds, or was trained on; absent where there is none. */
  vit?(config: Config): EncoderConfig;
  /** Names and shapes of its tensors in our own files. */
  parameters(config: Config): ParameterSpec[];
  /** Whether a file may lack a tensor. */
  mayLack(name: string): boolean;
  /** Tensors that a state dict of PyTorch holds beside the parameters, though nothing ever trains them. */
  fixed(config: Config): Map<string, Tensor>;
  /** Whether a fixed tensor may have other values, learned ones, which are kept then. */
  mayBeLearned(name: string): boolean;
  /** Whether a tensor of other code is nothing of the model: the training's target, or a count that nothing reads. */
  isIdle(name: string): boolean;
  /** The norm behind the last block, if there is one; absent where the model does not say. */
  lastNorm?(config: Config): string | undefined;
  /** The model in words. */
  text(config: Config): string;
}

/** A model without anything beside its parameters. */
const PLAIN = {
  mayLack: () => false,
  fixed: () => new Map<string, Tensor>(),
  mayBeLearned: () => false,
  isIdle: () => false,
};

const classifier: ModelKind<ClassifierConfig> = {
  ...PLAIN,
  schema: classifierSchema,
  fault: encoderFault,
  vit: encoderOf,
  parameters: classifierParameters,
  text: (config) => `${vitText(config)}, ${counted(config.numClasses, "class", "classes")}`,
};

const headSchema = classifierSchema.extend({ pool: linearSchema.shape.pool });

/** The head of a linear probe; its encoder is in the file of the phase that it started from. */
const linear: ModelKind<z.infer<typeof headSchema>> = {
  ...PLAIN,
  schema: headSchema,
  fault: encoderFault,
  vit: encoderOf,
  parameters: ({ embedDim, numClasses }) => linearProbeTensors({ featureDim: embedDim, numClasses }),
  text: (config) =>
    `${vitText(config)}; the head alone, ${counted(config.numClasses, "class", "classes")}, pool ${config.pool}`,
};

/** An encoder, its positions fixed or learned, with the norm behind its last block, which one from a classifier has not. */
const encoder: ModelKind<EncoderConfig> = {
  ...PLAIN,
  schema: encoderSchema,
  fault: encoderFault,
  vit: encoderOf,
  parameters: (config) => [...encoderSpecs(config), ...normParameters("norm", config.embedDim)],
  mayLack: (name) => name.startsWith("norm."),
  fixed: (config) =>
    config.positions === "relative" || config.swin
      ? new Map()
      : new Map([["pos_embed", posEmbedTensor(config.embedDim, gridSize(config), classTokens(config))]]),
  mayBeLearned: (name) => name === "pos_embed",
  // Of Swin's moved windows: they follow from the grid.
  isIdle: (name) => /^layers\.\d+\.blocks\.\d+\.attn_mask$/.test(name),
  text: vitText,
};

/** What a method pre-trains: encoder and decoders. */
function pretrained({ schema, fault, encoder, parameters, official }: Method<unknown>): ModelKind<unknown> {
  return {
    ...PLAIN,
    schema,
    fault,
    vit: (config) => encoder(config).vit,
    parameters,
    ...(official && { fixed: official.fixed, isIdle: official.isTarget, lastNorm: official.lastNorm }),
    text(config) {
      const { vit, stageBlocks } = encoder(config), many = stageBlocks.length > 1;
      return `${vitText(vit)}; ${stageBlocks.length} decoder${many ? "s" : ""} after block${many ? "s" : ""} ${
        stageBlocks.join(", ")
      }`;
    },
  };
}

/** A convolutional net with its running statistics; the counts of batches that newer PyTorch keeps are left out. */
function convNet({ schema, fault, title, parameters, statistics }: ConvNet<unknown>): ModelKind<unknown> {
  return {
    ...PLAIN,
    schema,
    fault,
    parameters: (config) => [
      ...parameters(config).map(({ name, shape }) => ({ name, shape })),
      ...statisticsSpecs(statistics(config)),
    ],
    isIdle: (name) => name.endsWith(".num_batches_tracked"),
    text: (config) => `${title(config)}, ${counted((config as ConvNetConfig).numClasses, "class", "classes")}`,
  };
}

function vitText({ imageSize, patchSize, embedDim, depth, numHeads, stages, swin }: VitConfig): string {
  const front = stages
    ? `convolution stages of ${stages.dims.join(" and ")} channels, `
    : swin
    ? `Swin of ${swin.depths.join(", ")} blocks, windows of ${swin.window}; the last stage: `
    : "";
  return `${front}width ${embedDim}, ${counted(depth, "block")}, ${
    counted(numHeads, "head")
  }, ${imageSize} pixels in patches of ${patchSize}`;
}

/** The kinds of models by the names that files give them; those of methods and convolutional nets among them. */
export const KINDS: Readonly<Record<string, ModelKind<unknown>>> = {
  ...Object.fromEntries(Object.entries(METHODS).map(([name, method]) => [name, pretrained(method)])),
  ...{ classifier, linear, encoder } as Record<string, ModelKind<unknown>>,
  ...Object.fromEntries(Object.entries(CONVNETS).map(([name, net]) => [name, convNet(net)])),
};
