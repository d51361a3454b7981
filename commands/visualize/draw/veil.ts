import { element } from "./svg.ts";

/** Grey is what was hidden, pale blue what was seen. */
const MASK = "#808080", VEIL = "#8ec7ff";
/** How much of what lies beneath the veil of a wholly visible cell is hidden. */
const OPACITY = 0.6;

/** A path of unit squares, one per chosen cell of a square grid. */
function squares(chosen: readonly number[], side: number): string {
  return chosen.map((cell) => `M${cell % side} ${Math.floor(cell / side)}h1v1h-1z`).join("");
}

/** Grey squares over the masked cells of an input. `weight` is [side * side], 1 for a masked cell. */
export function maskCover(weight: ArrayLike<number>, side: number, size: number): string {
  return cover(weight, side, size, (share) => share === 1, MASK, 1);
}

/**
 * A pale blue veil over the cells whose prediction the loss leaves out; a cell that is masked in part has a thinner one.
 *
 * @param weight [side * side], the masked share of each cell
 */
export function visibleVeil(weight: ArrayLike<number>, side: number, size: number): string {
  const shares = [...new Set(Array.from(weight))].filter((share) => share < 1).sort((a, b) => a - b);
  return shares.map((wanted) => cover(weight, side, size, (share) => share === wanted, VEIL, OPACITY * (1 - wanted)))
    .join("");
}

function cover(
  weight: ArrayLike<number>,
  side: number,
  size: number,
  wanted: (share: number) => boolean,
  fill: string,
  opacity: number,
): string {
  const chosen = Array.from({ length: side * side }, (_, cell) => cell).filter((cell) => wanted(weight[cell]));
  if (chosen.length === 0) return "";
  return element("path", {
    d: squares(chosen, side),
    transform: `scale(${size / side})`,
    fill,
    "fill-opacity": opacity,
    "shape-rendering": "crispEdges",
  });
}
