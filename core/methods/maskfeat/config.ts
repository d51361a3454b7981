import type { RectangleViews } from "../../masking/rectangleViews.ts";
import type { VitConfig } from "../../models/config.ts";
import type { LrRule } from "../lrFactor.ts";

/** Shape of a MaskFeat model, its views and its target. */
export interface MaskFeatConfig extends VitConfig, RectangleViews {
  /**
   * Whether gradients are weighted by Gaussians of 2 x 2 cells, as the paper and mmpretrain have it; the released model leaves them
   * out.
   */
  gaussian: boolean;
  /** What the learning rate is scaled by. */
  lrRule: LrRule;
}

/** Cells per side of a patch, and orientation bins of a histogram. */
export const HOG_CELLS = 2, HOG_BINS = 9;
/** Orientation bins of three colours in 2 x 2 cells of a patch. */
export const HOG_LENGTH = 108;
