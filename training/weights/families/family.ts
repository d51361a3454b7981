import type { EncoderConfig } from "../../../core/models/config.ts";
import type { ShapeReader } from "../../../core/models/shapeReader.ts";
import type { StoredTensor } from "../tensors.ts";

/** What shapes do not tell of an encoder. */
export interface EncoderOptions {
  /** Heads; without it, each is as wide as in the published models. */
  heads?: number;
  /** Side of the image in pixels, for files that do not tell. */
  imageSize?: number;
}

/** Tensors under the names that the encoder here has, and what was done to them, in words. */
export interface Adapted {
  tensors: ReadonlyMap<string, StoredTensor>;
  notes: string[];
}

/** A kind of encoder in state dicts of other code. */
export interface EncoderFamily {
  /** Whether names are those of such an encoder. */
  knows(names: ReadonlyMap<string, unknown>): boolean;
  /**
   * Its tensors as the encoder here has them.
   *
   * @param file for error messages
   * @param allowNan whether factors that are not finite are taken, too
   * @throws {UserError} naming what has no place here, so that nothing that computes something is left out
   */
  adapt(tensors: ReadonlyMap<string, StoredTensor>, file: string, allowNan: boolean): Adapted;
  /**
   * The encoder that adapted names and shapes tell.
   *
   * @param assumed is given what they do not tell, as flags of the command line
   * @throws {UserError} when shapes do not fit, or an option has no effect
   */
  infer(reader: ShapeReader, options: EncoderOptions, assumed: string[]): EncoderConfig;
}
