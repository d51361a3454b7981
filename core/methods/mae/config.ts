import type { ViewsConfig } from "../../masking/drawViews.ts";
import { visibleOf } from "../../masking/drawViews.ts";
import { gridSize, patchLength, tokenCount, type VitConfig } from "../../models/config.ts";
import type { LrRule } from "../lrFactor.ts";

/** The branch that predicts the visible patches' targets (DMJD, section III-B-2). */
export interface VisibleBranch {
  /** "mlp3": three linear layers with norms; "linear": one. */
  projector: "mlp3" | "linear";
  /**
   * "aligned": a prediction is compared with the target of its own patch. "released": predictions in the order of the shuffle
   * with targets in the order of the image, as the released code does.
   */
  pairing: "aligned" | "released";
  /** Factor on its loss. */
  weight: number;
}

/** What is predicted of a patch. */
export type MaeTarget =
  /** Its pixels, normalised by mean and deviation of ImageNet. */
  | "pixels"
  /** The same, brought to mean 0 and variance 1 in each patch. */
  | "normPixels"
  /** Orientation histograms of 2 x 2 cells, whitened by cell and colour. */
  | "hog"
  /** The same, each brought to length 1 instead. */
  | "hogL2"
  /** A teacher's features, brought to mean 0 and variance 1 in each patch. */
  | "features";

/** The model whose features of a patch are predicted; see training/teacher. */
export interface MaeTeacher {
  /** SHA-256 of its file of weights, in hexadecimal. */
  weights: string;
  /** Width of its features. */
  dim: number;
  /** What is made small: the losses of the other targets, or 1 - cos of the angle to the feature, in both branches. */
  loss: "squared" | "cosine";
}

/** Shape of a masked autoencoder, its views and its target. */
export interface MaeConfig extends VitConfig, ViewsConfig {
  target: MaeTarget;
  /** There with features as the target, and only then. */
  teacher?: MaeTeacher;
  /** Width of the decoder. */
  decoderDim: number;
  /** Blocks of the decoder. */
  decoderDepth: number;
  decoderHeads: number;
  /** Nothing is predicted of visible patches where it is null. */
  visible: VisibleBranch | null;
  /** What the learning rate is scaled by. */
  lrRule: LrRule;
}

/** Orientation bins of the HOG target, and cells per side of a patch. */
export const HOG_BINS = 9, HOG_CELLS = 2;

/** Whether histograms are predicted. */
export const isHog = ({ target }: Pick<MaeConfig, "target">) => target === "hog" || target === "hogL2";

/** Numbers that are predicted of a patch. */
export function targetLength(config: MaeConfig): number {
  if (config.teacher) return config.teacher.dim;
  return isHog(config) ? HOG_CELLS ** 2 * HOG_BINS * 3 : patchLength(config);
}

/** Visible and masked patches of a view. */
export function maskCounts(config: MaeConfig): { visible: number; masked: number } {
  const visible = visibleOf(config, gridSize(config));
  return { visible, masked: tokenCount(config) - visible };
}

/** What a program of a masked autoencoder is built for. */
export interface MaeOptions {
  config: MaeConfig;
  /** Masked views in a pass: images times views. */
  rows: number;
  /** Outputs the predictions of masked and visible patches, too, for looking at. */
  looked?: boolean;
  /** Positions of the encoder's and the decoder's tokens, class token first, [N+1, D] and [N+1, d]; sin-cos unless given. */
  positions?: { encoder: Float32Array; decoder: Float32Array };
}
