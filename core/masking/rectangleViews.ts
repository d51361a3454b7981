import type { Random } from "../random/stream.ts";
import { viewsAfter } from "./disjoint.ts";
import { drawViews, type ViewsConfig, viewsFault } from "./drawViews.ts";
import { partsOf } from "./order.ts";
import type { Mask } from "./randomMask.ts";
import { rectangleMask } from "./rectangles.ts";

/** How an image's views are masked where rectangles are a pattern as well (BEiT, MaskFeat). */
export interface RectangleViews extends Omit<ViewsConfig, "pattern"> {
  pattern: ViewsConfig["pattern"] | "rectangles";
  /** Patches of a rectangle at least, as long as so many are left. */
  minPatches: number;
}

/** Patches that rectangles mask at most: the share, rounded. */
const countOf = ({ maskRatio }: RectangleViews, grid: number) => Math.round(maskRatio * grid ** 2);

/**
 * The masks of all views of one image. Disjoint views: the first one of rectangles, later ones of single patches, those first that
 * no view has masked before (a choice of this project: the paper leaves it open).
 *
 * @param grid patches per side
 * @param random the stream of a view
 */
export function drawAnyViews(config: RectangleViews, grid: number, random: (view: number) => Random): Mask[] {
  const { pattern, minPatches, views, viewRule, predRatio } = config, count = countOf(config, grid);
  if (pattern !== "rectangles") return drawViews({ ...config, pattern }, grid, random);
  const rectangles = (view: number) => {
    const { uniform, integer } = random(view), below = (most: number) => integer(most + 1);
    return rectangleMask(grid, { count, minPatches }, { area: uniform, aspect: uniform, top: below, left: below });
  };
  if (viewRule === "independent") return Array.from({ length: views }, (_, view) => rectangles(view));
  const units = grid ** 2, { masked } = partsOf(rectangles(0));
  const noises = Array.from({ length: views - 1 }, (_, later) => {
    const { uniform } = random(later + 1);
    return Float64Array.from({ length: units }, uniform);
  });
  const cover = Math.max(count, Math.floor(predRatio * units));
  return viewsAfter(masked, noises, { units, count, cover }, { kind: "spread" });
}

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function anyViewsFault(config: RectangleViews, grid: number): string | undefined {
  const { pattern, minPatches } = config, rectangles = pattern === "rectangles", count = countOf(config, grid);
  const fault = viewsFault({ ...config, pattern: rectangles ? "uniform" : pattern }, grid);
  if (fault) return fault;
  if (rectangles && (count < 1 || count >= grid ** 2)) {
    return `maskRatio ${config.maskRatio}: want some of the ${grid ** 2} patches masked and some visible`;
  }
  if (rectangles && minPatches > count) {
    return `minPatches ${minPatches}: want at most the ${count} patches that a view masks`;
  }
}
