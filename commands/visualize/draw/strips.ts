import { COLOURS } from "../../../reports/figures/theme.ts";
import { element } from "./svg.ts";

const VIEW_COLOURS = [COLOURS.blue, COLOURS.vermilion, COLOURS.green, COLOURS.purple];
/** How much of the image is seen beneath, and how much of it a strip leaves. */
const FAINT = 0.35, OPACITY = 0.75;

/** The colour of a view, from 0; beyond the fourth they come again. */
export function viewColour(view: number): string {
  return VIEW_COLOURS[view % VIEW_COLOURS.length];
}

/**
 * Which views mask which patches: in each patch a strip for each view, from left to right, coloured where the view masks it.
 *
 * @param masks [grid * grid] of each view, 1 for a masked patch
 * @param grid patches per side
 * @param picture the image beneath, as SVG
 * @param size of the panel
 */
export function maskStrips(masks: readonly ArrayLike<number>[], grid: number, picture: string, size: number): string {
  const share = 1 / masks.length;
  const strips = masks.map((mask, view) => {
    const d = Array.from({ length: grid * grid }, (_, cell) => {
      if (mask[cell] !== 1) return "";
      return `M${cell % grid * masks.length + view} ${Math.floor(cell / grid)}h1v1h-1z`;
    }).join("");
    return element("path", { d, fill: viewColour(view) });
  });
  const patches = element("g", {
    transform: `scale(${size / grid * share} ${size / grid})`,
    "fill-opacity": OPACITY,
    "shape-rendering": "crispEdges",
  }, strips.join(""));
  return element("rect", { width: size, height: size, fill: "#ffffff" }) + element("g", { opacity: FAINT }, picture) +
    patches;
}
