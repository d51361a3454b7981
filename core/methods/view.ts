import type { Feeds, Outputs, Program } from "../engine/program.ts";
import type { HogForm } from "../hog/edgeAngle.ts";
import type { Mask } from "../masking/randomMask.ts";
import type { Random } from "../random/stream.ts";

/** Where a stage looks, and the cells that it predicts. */
export interface StageCells {
  /** The block after which it branches off, from 1. */
  block: number;
  /** Cells per side of the image, and pixels per side of a cell. */
  side: number;
  cellPixels: number;
}

/** What is predicted of a cell, and how it is normalised. */
export type CellKind =
  /** Orientation histograms, 3 * bins numbers; each of length 1, or of mean 0 and variance 1. */
  | { kind: "hog"; form: HogForm; norm: "length" | "whitened" }
  /** Pixels, 3 * cellPixels ** 2 numbers, by mean and deviation of ImageNet; "patch": then by those of their own patch. */
  | { kind: "pixels"; norm: "image" | "patch" }
  /** The word of a tokenizer, one number. */
  | { kind: "words" };

/** Mean square or mean distance of what is predicted from its target, or the share of words that are wrong. */
export type Measure = "squared" | "absolute" | "wrong";

/** What a method makes of a single image, to be drawn: target and prediction of every stage in every masked view. */
export interface MethodView {
  /** What is predicted of a cell; channels outermost. */
  cells: CellKind;
  /** How far predictions are from targets: as the loss has it, or how many words are wrong. */
  measure: Measure;
  /** The method as its paper calls it. */
  title: string;
  /** Share of the patches that a view masks. */
  maskRatio: number;
  /** Patches per side. */
  grid: number;
  /** Masked views of an image. */
  views: number;
  /** Whether the loss looks at masked cells alone, or at visible ones, too. */
  learned: "masked" | "all";
  stages: StageCells[];
  /** The masks of all views of an image. */
  masks(random: (view: number) => Random): Mask[];
  /**
   * What the stages are to predict, [side * side, C] each, cells row-major.
   *
   * @param pixels RGB bytes, [S, S, 3]
   * @param image the same, normalised, [3, S, S]
   */
  targets(pixels: Uint8Array, image: Float32Array): Float32Array[];
  /** The program of one image, in all its views, in which these stages predict all cells, visible ones too. */
  program(liveStages: boolean[]): Program;
  /**
   * All inputs of the program.
   *
   * @param image normalised, [3, S, S]
   * @param masks of the views
   */
  inputs(image: Float32Array, masks: readonly Mask[]): Feeds;
  /** A live stage's prediction in a view, in the form of its target. */
  prediction(outputs: Outputs, stage: number, view: number): Float32Array;
}
