import { element, num } from "./svg.ts";

/** One stroke of a star. */
export interface Stroke {
  /** Ends, in units of the panel; y points down. */
  from: [number, number];
  to: [number, number];
  /** The bin's value, cut to [0, 1]. */
  value: number;
}

/** Values below are not drawn: their stroke would be a dot. */
const LEAST = 0.03;
/** Share of a cell's side that a stroke of value 1 takes. */
const LENGTH = 0.94;
/** Steps of brightness; strokes of one step share a path. */
const LEVELS = 10;

/**
 * The strokes of HOG glyphs: in every cell a star with one stroke per bin, centred, along the edge; its length is the bin's
 * value.
 *
 * @param histogram [side * side, bins], cells row-major
 * @param side cells per side
 * @param angles of the edges that each bin counts, [bins]
 * @param size of the panel
 */
export function strokes(histogram: Float32Array, side: number, angles: readonly number[], size: number): Stroke[] {
  const cell = size / side, bins = angles.length, found: Stroke[] = [];
  for (let i = 0; i < histogram.length; i++) {
    const value = Math.min(1, histogram[i]), at = Math.floor(i / bins);
    if (!(value >= LEAST)) continue;
    const x = (at % side + 0.5) * cell, y = (Math.floor(at / side) + 0.5) * cell;
    const reach = value * LENGTH * cell / 2, angle = angles[i % bins];
    const dx = reach * Math.cos(angle), dy = -reach * Math.sin(angle);
    found.push({ from: [x - dx, y - dy], to: [x + dx, y + dy], value });
  }
  return found;
}

/** HOG glyphs as SVG: white strokes on black, the strongest brightest and on top. */
export function glyphField(histogram: Float32Array, side: number, angles: readonly number[], size: number): string {
  const paths = Array.from({ length: LEVELS + 1 }, () => "");
  for (const { from, to, value } of strokes(histogram, side, angles, size)) {
    paths[Math.round(value * LEVELS)] += `M${num(from[0])} ${num(from[1])}L${num(to[0])} ${num(to[1])}`;
  }
  const lines = paths.map((d, level) => {
    return d === "" ? "" : element("path", { d, "stroke-opacity": 0.35 + 0.65 * level / LEVELS });
  });
  const width = Math.max(0.8, size / side * 0.07);
  return element("rect", { width: size, height: size, fill: "#000000" }) +
    element("g", { stroke: "#ffffff", "stroke-width": width, "stroke-linecap": "round" }, lines.join(""));
}
