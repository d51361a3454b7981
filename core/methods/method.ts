import type { z } from "zod";
import type { CostState } from "../cost/state.ts";
import type { Feeds, Program } from "../engine/program.ts";
import type { EncoderConfig } from "../models/config.ts";
import type { ModelParameter } from "../models/parameters.ts";
import type { Random } from "../random/stream.ts";
import type { Official } from "./official.ts";
import type { MethodView } from "./view.ts";

/** What schedules, probes and fine-tuning need to know of a model, whatever its method. */
export interface EncoderShape {
  /** The encoder that fine-tuning takes over. */
  vit: EncoderConfig;
  /** Layers that can freeze, the one nearest the input being 0; the last never does. */
  layers: number;
  /** The layer that feeds each decoder, ascending; the last layer alone where there is one decoder. */
  stageBlocks: number[];
}

/** Who decides about a parameter's learning rate and freezing: a layer (0: patch embedding), a stage, the class token. */
export type Owner = { layer: number } | { stage: number } | "clsToken";

/** Fills the inputs of a program; made anew when a stage ends. */
export interface Feeder {
  /**
   * What is reconstructed, as far as it follows from the images' bytes alone. Of a method with a teacher or a file of words, these
   * are given in its place: features, [B, N, dim], or words, [B, N].
   *
   * @param pixels RGB bytes, [B, S, S, 3]
   */
  targets(pixels: Uint8Array, count: number): Float32Array[];
  /**
   * All inputs of the program.
   *
   * @param images normalised, [B, 3, S, S]
   * @param targets as `targets` gave them
   * @param random the stream from which an image's mask is drawn, for each of its views
   */
  inputs(
    images: Float32Array,
    count: number,
    targets: Float32Array[],
    random: (image: number, view: number) => Random,
  ): Feeds;
}

/** A way of self-supervised pre-training. It owns no weights and draws no number that it is not given. */
export interface Method<Config> {
  /** What a config may be: messages say what is wanted. */
  schema: z.ZodType<Config>;
  /** A value of a config that does not fit another one: key, value found, value wanted. */
  fault(config: Config): string | undefined;
  /** The model in a few words, e.g. "ViT 96x12, patch 8, 64 px". */
  title(config: Config): string;
  encoder(config: Config): EncoderShape;
  /** All parameters, under the names of the official checkpoint. */
  parameters(config: Config): ModelParameter[];
  /** @throws {RangeError} for a name that is no parameter's */
  owner(parameter: string, config: Config): Owner;
  /** Masked views of an image in a step, and the factor on the learning rate that follows (DMJD eq. 4). */
  views(config: Config): { views: number; lrFactor: number };
  /** The losses that `loss` sums, by stage. */
  stageLosses(config: Config): string[];
  /** The program of so many images in which these stages are left; outputs `loss` and the stages' losses. */
  program(config: Config, images: number, liveStages: boolean[]): Program;
  feeder(config: Config, liveStages: boolean[]): Feeder;
  /** The model whose features of all patches are the targets: SHA-256 of its file, and width; absent where there is none. */
  teacher?(config: Config): { weights: string; dim: number } | undefined;
  /** The file whose words of all patches are the targets, and how many words there are; absent where there is none. */
  tokens?(config: Config): { sha256: string; vocabulary: number } | undefined;
  /**
   * The encoder of `program` alone, on the same inputs: what its forward and backward pass take. Its `loss` means nothing.
   * Absent where the two cannot be told apart.
   */
  encoderProgram?(config: Config, images: number): Program;
  /** Operations of a step of so many images in a state, of which only ratios count; absent where no cost model knows it. */
  flops?(config: Config, state: CostState, backward: "cut" | "live", images: number): number;
  /** How a model is drawn; a method without it, or one that predicts what is no picture, cannot be. */
  view?(config: Config): MethodView | undefined;
  /** State dicts of the method's released code; absent where there is none. */
  official?: Official<Config>;
}
