import type { Random } from "../random/stream.ts";
import { CELL, ofCells } from "./cells.ts";
import { disjointViews, drawPair } from "./disjoint.ts";
import { maskOfOrder } from "./order.ts";
import { lenKeep, type Mask } from "./randomMask.ts";

/** How an image's views are masked. */
export interface ViewsConfig {
  /** Share of the patches that a view masks. */
  maskRatio: number;
  /** "uniform": single patches; "cells": cells of 2 x 2 patches (SimMIM's blocks). */
  pattern: "uniform" | "cells";
  /** Masked views of an image in a step. */
  views: number;
  /** "disjoint": later views mask what none has masked before (DMJD); "independent": each view for itself. */
  viewRule: "disjoint" | "independent";
  /** Share of the patches that disjoint views mask together, at most. */
  predRatio: number;
}

/** Patches or cells per side that are masked as one. */
function unitsOf({ pattern }: Pick<ViewsConfig, "pattern">, grid: number): number {
  return pattern === "cells" ? (grid / CELL) ** 2 : grid ** 2;
}

/** Visible patches of a view. */
export function visibleOf(config: Pick<ViewsConfig, "pattern" | "maskRatio">, grid: number): number {
  return lenKeep(unitsOf(config, grid), config.maskRatio) * (config.pattern === "cells" ? CELL ** 2 : 1);
}

/**
 * The masks of all views of one image.
 *
 * @param grid patches per side
 * @param random the stream of a view
 */
export function drawViews(config: ViewsConfig, grid: number, random: (view: number) => Random): Mask[] {
  const masks = unitMasks(config, unitsOf(config, grid), random);
  return config.pattern === "cells" ? masks.map((mask) => ofCells(mask, grid)) : masks;
}

function unitMasks(config: ViewsConfig, units: number, random: (view: number) => Random): Mask[] {
  const { maskRatio, predRatio, views, viewRule } = config, keep = lenKeep(units, maskRatio);
  if (views === 2 && viewRule === "disjoint") return drawPair(units, random(0), random(1), { maskRatio, predRatio });
  const streams = Array.from({ length: views }, (_, view) => random(view));
  if (views === 1 || viewRule === "independent") {
    return streams.map((stream) => maskOfOrder(stream.choice(units, keep), keep));
  }
  const noises = streams.map((stream) => Float64Array.from({ length: units }, () => stream.uniform()));
  return disjointViews(noises, { maskRatio, predRatio }, { kind: "spread" });
}

/** A value of a config that does not fit another one: key, value found, value wanted. */
export function viewsFault(config: ViewsConfig, grid: number): string | undefined {
  const { maskRatio, predRatio, views, viewRule, pattern } = config;
  if (pattern === "cells" && grid % CELL) return `pattern cells: want an even grid of patches, found ${grid}`;
  const units = unitsOf(config, grid), keep = maskRatio < 1 ? lenKeep(units, maskRatio) : 0;
  if (keep < 1 || keep === units) {
    return `maskRatio ${maskRatio}: want some of the ${units} ${
      pattern === "cells" ? "cells" : "patches"
    } masked and some visible`;
  }
  const lone = views === 1 || viewRule === "independent";
  if (lone && predRatio !== maskRatio) {
    return `predRatio ${predRatio}: want ${maskRatio}, as maskRatio, where views are not disjoint`;
  }
  if (views === 1 && viewRule === "disjoint") return `viewRule disjoint: want independent with a single view`;
  if (!lone && (predRatio < maskRatio || predRatio > Math.min(1, views * maskRatio) + 1e-9)) {
    return `predRatio ${predRatio}: want ${maskRatio} to ${
      Math.min(1, views * maskRatio)
    }, what ${views} views can mask`;
  }
}
