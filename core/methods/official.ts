import type { ShapeReader } from "../models/shapeReader.ts";
import type { VitConfig } from "../models/config.ts";
import type { Tensor } from "../safetensors/tensor.ts";

/** What shapes do not tell of a method's decoders; the defaults are those of the published models. */
export interface DecoderOptions {
  /** Heads of every decoder. */
  decoderHeads?: number;
  /** Blocks that the decoders follow. */
  stageBlocks?: number[];
}

/** State dicts of a method's released code: its parameters under their own names, and more beside. */
export interface Official<Config> {
  /** Tensors that nothing trains, which a strict `load_state_dict` wants. */
  fixed(config: Config): Map<string, Tensor>;
  /** Whether a tensor belongs to the training's target, so that its values do not matter to the model. */
  isTarget(name: string): boolean;
  /** The norm behind the last block, where there is one. */
  lastNorm(config: Config): string | undefined;
  /** Whether a state dict with these names is one of the method. */
  knows(names: { has(name: string): boolean }): boolean;
  /**
   * Tells the config from names and shapes.
   *
   * @param assumed is given what the shapes do not tell, as flags of the command line
   * @throws {UserError} when they do not fit, or more has to be said
   */
  infer(reader: ShapeReader, vit: VitConfig, options: DecoderOptions, assumed: string[]): Config;
}
