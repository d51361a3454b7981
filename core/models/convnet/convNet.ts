import type { z } from "zod";
import type { ParameterSpec, Program } from "../../engine/program.ts";
import type { ModelParameter } from "../parameters.ts";

/** What every config of a convolutional network has. */
export interface ConvNetConfig {
  /** Side of its images in pixels. */
  imageSize: number;
  numClasses: number;
}

/** A batch norm, whose running statistics are tensors of the model that no gradient changes. */
export interface NormStatistics {
  /** Name of the module: "block1.0.bn1". */
  name: string;
  channels: number;
  /** The layer that it freezes with. */
  layer: number;
}

/** A family of convolutional networks for small images, as FreezeOut's released code has them (WRN.py, densenet.py, vgg.py). */
export interface ConvNet<Config> {
  /** What a config may be: messages say what is wanted. */
  schema: z.ZodType<Config>;
  /** A value of a config that does not fit another one: key, value found, value wanted. */
  fault(config: Config): string | undefined;
  /** The network in a few words: "WRN-16-1, 32 px". */
  title(config: Config): string;
  /** The layers that have a t_i, from the stem to the head: "conv1", "block1.0", …, "bn1, fc". */
  layerNames(config: Config): string[];
  /** What is trained, under the names of the official state dict. */
  parameters(config: Config): ModelParameter[];
  /** The norms whose running statistics are beside what is trained. */
  statistics(config: Config): NormStatistics[];
  /** The layer of a parameter. @throws {RangeError} for a name that is no parameter's */
  layerOf(config: Config, parameter: string): number;
  /** Features of an image that dropout sets to 0, for each of its places; 0 where there is no dropout. */
  dropout(config: Config): { places: number; features: number };
  /**
   * The training program of so many images. Layers below `firstLive` are in inference mode: their norms use running
   * statistics, and no gradient is wanted of them.
   *
   * Inputs: `images` [B, 3, S, S], normalised; `targets` [B, C]; where there is dropout `keep` [places, B, features], 2 for
   * what is kept and 0 for the rest. Outputs: `loss` (mean over the batch of the cross-entropy), `logits` [B, C], and the
   * batch's statistics of every live norm, `NAME.mean` and `NAME.variance` (divided by n - 1), each [channels].
   */
  program(config: Config, batch: number, firstLive: number): Program;
  /** The inference program: `images` in, `logits` [B, C] out. */
  inference(config: Config, batch: number): Program;
}

/** Names of a norm's running statistics in the official state dict. */
export function runningNames(norm: string): { mean: string; variance: string } {
  return { mean: `${norm}.running_mean`, variance: `${norm}.running_var` };
}

/** Running statistics as tensors: mean 0 and variance 1 at the start. */
export function statisticsTensors(norms: readonly NormStatistics[]): ModelParameter[] {
  return norms.flatMap(({ name, channels }) => {
    const { mean, variance } = runningNames(name);
    return [
      { name: mean, shape: [channels], init: { kind: "constant", value: 0 } },
      { name: variance, shape: [channels], init: { kind: "constant", value: 1 } },
    ];
  });
}

/** All tensors of a network: what is trained, and running statistics. */
export function allTensors<Config>(net: ConvNet<Config>, config: Config): ModelParameter[] {
  return [...net.parameters(config), ...statisticsTensors(net.statistics(config))];
}

/** Share of a batch in what the running statistics become, as everywhere in PyTorch. */
const MOMENTUM = 0.1;

/**
 * Moves running statistics towards a batch's: running += 0.1 (batch - running), in single precision.
 *
 * @param running changed in place
 */
export function moveStatistics(running: Float32Array, batch: Float32Array): void {
  const f = Math.fround, kept = f(1 - MOMENTUM), taken = f(MOMENTUM);
  for (let i = 0; i < running.length; i++) running[i] = f(f(running[i] * kept) + f(batch[i] * taken));
}

/** The layer of a parameter among modules' own, or an error that names it. */
export function foundLayer(layers: ReadonlyMap<string, number>, parameter: string): number {
  const layer = layers.get(parameter);
  if (layer === undefined) throw new RangeError(`Cannot tell the layer of '${parameter}': want a parameter's name`);
  return layer;
}

/** Names and shapes alone. */
export function specsOf(parameters: readonly ModelParameter[]): ParameterSpec[] {
  return parameters.map(({ name, shape }) => ({ name, shape }));
}
