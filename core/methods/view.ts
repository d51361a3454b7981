import type { Feeds, Outputs, Program } from "../engine/program.ts";
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

/** What a method makes of a single image, to be drawn: target and prediction of every stage. */
export interface MethodView {
  /** What is predicted of a cell: "hog", its orientation histograms, 3 * bins numbers, channels outermost. */
  kind: "hog";
  /** The method as its paper calls it. */
  title: string;
  /** Share of the patches that is masked. */
  maskRatio: number;
  /** Patches per side. */
  grid: number;
  stages: StageCells[];
  mask(random: Random): Mask;
  /**
   * What the stages are to predict, [side * side, C] each, cells row-major.
   *
   * @param pixels RGB bytes, [S, S, 3]
   */
  targets(pixels: Uint8Array): Float32Array[];
  /** The program of one image in which these stages predict all cells, visible ones too. */
  program(liveStages: boolean[]): Program;
  /**
   * All inputs of the program.
   *
   * @param image normalised, [3, S, S]
   */
  inputs(image: Float32Array, mask: Mask): Feeds;
  /** A live stage's prediction in the form of its target. */
  prediction(outputs: Outputs, stage: number): Float32Array;
}
