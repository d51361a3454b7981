import type { z } from "zod";
import type { Program } from "../../engine/program.ts";
import type { ModelParameter } from "../parameters.ts";
import type { Part } from "./parts.ts";

/** What every config of a convolutional net has. */
export interface ConvNetConfig {
  /** Side of the square input, pixels. */
  imageSize: number;
  /** Classes that the head tells apart. */
  numClasses: number;
}

/** A batch norm whose running statistics are the tensors `${name}.running_mean` and `${name}.running_var`, each [channels]. */
export interface NormStatistics {
  /** Name in the official state dict, e.g. "block1.0.bn1". */
  name: string;
  channels: number;
  /** The layer that it freezes with. */
  layer: number;
}

/** A convolutional net that is trained from scratch with FreezeOut. It owns no weights and no running statistics. */
export interface ConvNet<Config> {
  /** What a config may be: messages say what is wanted. */
  schema: z.ZodType<Config>;
  /** A value of a config that does not fit the net or another value: key, value found, value wanted. */
  fault(config: Config): string | undefined;
  /** The net in a few words, e.g. "WRN-16-1, 32 px". */
  title(config: Config): string;
  /** Layers that have a t_i: the stem is 0, the head the last. */
  layers(config: Config): number;
  /** What a layer holds, by the names of the official modules: "conv1", "block1.0", …, "bn1, fc". */
  layerNames(config: Config): string[];
  /** What is trained, under the names of the official state dict. */
  parameters(config: Config): ModelParameter[];
  /** @throws {RangeError} for a name that is no parameter's */
  layerOf(config: Config, parameter: string): number;
  /** The batch norms; running means start at 0, running variances at 1. */
  statistics(config: Config): NormStatistics[];
  /** Convolutions, norms and linear maps of each layer: what a cost model counts. */
  parts(config: Config): Part[][];
  /**
   * The training program. Layers below `firstLive` are in inference mode: running statistics normalise, and are parameters
   * of the program; the gradients of these layers are not wanted.
   *
   * Inputs: `images` [B, 3, S, S], normalised; `targets` [B, numClasses], rows that sum to 1; where the net drops out,
   * `keep`: a mask of 0 and 1 for each dropout, [dropouts, B, features].
   * Outputs: `loss`, the cross-entropy, mean over the batch; `logits` [B, numClasses]; for each live norm `${name}.mean`
   * and `${name}.variance` of the batch, [channels], the variance divided by n - 1.
   *
   * @param batch images, at least 2
   * @param firstLive index of the first layer that trains
   * @throws {UserError} when the batch has one image, which batch norm cannot be trained on
   */
  program(config: Config, batch: number, firstLive: number): Program;
  /** The inference program: `images` in, `logits` [B, numClasses] out; running statistics are parameters. */
  inference(config: Config, batch: number): Program;
}
