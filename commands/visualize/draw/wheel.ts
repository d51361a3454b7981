import { type Dominant, dominant } from "./orientation.ts";
import { element } from "./svg.ts";

/** Steps of hue (of 2.5 degrees: the middles of 4, 9 and 18 bins are among them) and of brightness. */
const HUES = 72, LIGHTS = 16;

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
  const squares = new Map<string, string>();
  for (let cell = 0; cell < side * side; cell++) {
    const colour = wheelColour(dominant(histogram, cell * angles.length, angles));
    if (colour === "#000000") continue;
    squares.set(colour, `${squares.get(colour) ?? ""}M${cell % side} ${Math.floor(cell / side)}h1v1h-1z`);
  }
  const paths = [...squares].sort(([a], [b]) => a < b ? -1 : 1).map(([fill, d]) => element("path", { fill, d }));
  const cells = element(
    "g",
    { transform: `scale(${size / side})`, "shape-rendering": "crispEdges" },
    paths.join(""),
  );
  return element("rect", { width: size, height: size, fill: "#000000" }) + (paths.length > 0 ? cells : "");
}
