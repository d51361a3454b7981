import { maskOf } from "./order.ts";
import type { Mask } from "./randomMask.ts";

/** How many patches rectangles mask together. */
export interface RectangleOptions {
  /** Patches that are masked at most; rarely some fewer, where no rectangle fits any more. */
  count: number;
  /** Patches of a rectangle at least, as long as so many are left. */
  minPatches: number;
}

/** What is drawn for an attempt. */
export interface RectangleDraws {
  /** From 0 to 1. */
  area(): number;
  /** From 0 to 1. */
  aspect(): number;
  /** From 0 to `most`, both included. */
  top(most: number): number;
  /** From 0 to `most`, both included. */
  left(most: number): number;
}

/** Logarithm of the widest and the highest rectangle's ratio of sides. */
const LOG_ASPECT = Math.log(1 / 0.3);
/** Attempts for a rectangle that masks something new, before all is given up. */
const TRIES = 10;

/**
 * A mask of rectangles that may overlap (BEiT, Bao et al. 2022; MaskFeat): areas uniform from `minPatches` to what is left, ratios
 * of the sides from 0.3 to 1/0.3, their logarithm uniform; a rectangle that would mask more than is left is drawn anew.
 *
 * @param grid patches per side
 * @returns visible and masked patches ascending
 */
export function rectangleMask(grid: number, { count, minPatches }: RectangleOptions, draws: RectangleDraws): Mask {
  const isMasked = new Uint8Array(grid * grid);
  let masked = 0;
  for (let fresh = -1; masked < count && fresh !== 0; masked += fresh) {
    fresh = 0;
    for (let attempt = 0; attempt < TRIES && fresh === 0; attempt++) {
      const rectangle = drawRectangle(grid, minPatches, count - masked, draws);
      const added = rectangle?.filter((patch) => !isMasked[patch]) ?? [];
      if (added.length > count - masked) continue;
      added.forEach((patch) => isMasked[patch] = 1);
      fresh = added.length;
    }
  }
  const of = (wanted: number) => [...isMasked.keys()].filter((patch) => isMasked[patch] === wanted);
  return maskOf(of(0), of(1));
}

/** The patches of a rectangle; nothing where it does not fit into the image. */
function drawRectangle(grid: number, least: number, most: number, draws: RectangleDraws): number[] | undefined {
  const area = least + (most - least) * draws.area(), aspect = Math.exp(LOG_ASPECT * (2 * draws.aspect() - 1));
  const height = Math.round(Math.sqrt(area * aspect)), width = Math.round(Math.sqrt(area / aspect));
  if (height >= grid || width >= grid) return undefined;
  const top = draws.top(grid - height), left = draws.left(grid - width);
  return Array.from({ length: height * width }, (_, k) => (top + Math.floor(k / width)) * grid + left + k % width);
}
