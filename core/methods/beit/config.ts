import type { RectangleViews } from "../../masking/rectangleViews.ts";
import { type EncoderConfig, encoderOf, type VitConfig } from "../../models/config.ts";
import type { LrRule } from "../lrFactor.ts";

/** Shape of a BEiT model. */
export interface BeitShape extends VitConfig {
  /** Words that a patch may be: 8192 in print. */
  vocabulary: number;
  /** "relative": biases by relative position, as published; "absolute": learned positions of tokens. */
  positions: "relative" | "absolute";
}

/** Tells the words of patches. */
export type BeitTokenizer =
  /** See `projectionTokenizer`. */
  | "projection"
  /** A file with the words of all images has this SHA-256, in hexadecimal; see training/tokens. */
  | { sha256: string };

/** Shape of a BEiT model, its views and its tokenizer. */
export interface BeitConfig extends BeitShape, RectangleViews {
  /** What the learning rate is scaled by. */
  lrRule: LrRule;
  tokenizer: BeitTokenizer;
}

/** The encoder: branches scaled by 0.1 at the start. */
export function beitEncoder({ positions, ...config }: BeitShape): EncoderConfig {
  return encoderOf({ ...config, ...(positions === "relative" && { positions }), layerScale: 0.1 });
}
