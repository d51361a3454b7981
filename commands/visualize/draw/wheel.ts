import { type Dominant, dominant } from "./orientation.ts";
import { squareField } from "./squares.ts";
import { element } from "./svg.ts";

/** Steps of hue (of 2.5 degrees: the middles of 4, 9 and 18 bins are among them) and of brightness. */
const HUES = 72, LIGHTS = 16;
/** The colour of no orientation. */
const NONE = "#000000";

/**
 * The colour of an orientation: hue goes once round while an edge turns by 180 degrees (horizontal red, 45 degrees
 * yellow-green, vertical cyan, 135 degrees violet); brightness is the square root of the strength, so that a weak direction
 * is still seen.
 *
 * @returns e.g. "#ff0000"
 */
export function wheelColour({ angle, strength }: Dominant): string {
  const hue = Math.round(angle / Math.PI * HUES) % HUES / HUES * 6;
  const light = Math.round(Math.sqrt(Math.min(1, strength)) * LIGHTS) / LIGHTS;
  // HSV to RGB with full saturation.
  const channel = (shift: number) => {
    const k = (hue + shift) % 6;
    return Math.round(255 * light * (1 - Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return `#${[5, 3, 1].map((shift) => channel(shift).toString(16).padStart(2, "0")).join("")}`;
}

/**
 * Dominant orientations as SVG: one square per cell, black where there is none. For cells too small for glyphs.
 *
 * @param histogram [side * side, bins], cells row-major
 * @param side cells per side
 * @param angles of the edges that each bin counts, [bins]
 * @param size of the panel
 */
export function wheelField(histogram: Float32Array, side: number, angles: readonly number[], size: number): string {
  const colours = Array.from({ length: side * side }, (_, cell) => {
    const colour = wheelColour(dominant(histogram, cell * angles.length, angles));
    return colour === NONE ? undefined : colour;
  });
  const cells = squareField(colours, { side, size, fill: (colour) => colour, order: (a, b) => a < b ? -1 : 1 });
  return element("rect", { width: size, height: size, fill: NONE }) + cells;
}
