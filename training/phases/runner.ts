import type { z } from "zod";
import type { Arena } from "../../core/engine/arena.ts";
import type { ParameterSpec } from "../../core/engine/program.ts";
import type { EncoderConfig } from "../../core/models/config.ts";
import type { PhaseKind } from "../../records/phase.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import type { Trained } from "../loop.ts";
import type { Work } from "../work.ts";

/** What a phase leaves, before hashes, machine and times are written beside it. */
export type Outcome =
  & Omit<Trained, "arena">
  & Pick<PhaseRecord, "params" | "imagesPerIteration" | "metrics">
  & { arena?: Arena };

/** What a checkpoint or a file of weights says of the model that it belongs to. */
export interface ModelFacts {
  /** A method's name, "classifier" or "linear". */
  kind: string;
  config: object;
}

/** A kind of phase: a file of this folder. */
export interface Runner<Config> {
  kind: PhaseKind;
  /** In words, for messages: "pre-training". */
  name: string;
  config: z.ZodType<Config>;
  /** A value of a config that does not fit another one; checked before anything is run. */
  fault(config: Config): string | undefined;
  /** Side of the images that it looks at, in pixels. */
  imageSize(config: Config): number;
  /** The encoder that it trains or looks at; absent where it is no vision transformer. */
  encoder?(config: Config): EncoderConfig;
  /** What its weights are of; nothing where it leaves none. */
  model(config: Config, classes: number): ModelFacts | undefined;
  /** The tensors of its weights, as phases that start from it find them. */
  parameters(config: Config, classes: number): ParameterSpec[];
  /** Images of a step, where it takes steps on images: each rank gets its share. */
  batch(
    config: Config,
  ): { batch: number; accumulation: number; cropsPerImage?: number; pairs: boolean } | undefined;
  /**
   * Where `batch` does not say how many training images are needed: makes sure that these are enough.
   *
   * @throws {UserError} when they are not
   */
  checkImages?(config: Config, images: number): void;
  run(config: Config, work: Work): Promise<Outcome>;
}
