import * as Plot from "@observablehq/plot";
import { sideBySide } from "./sideBySide.ts";
import { FONT_SIZE } from "./theme.ts";

/** A label at the end of a line or beside a point, in data coordinates. */
export interface Label {
  x: number;
  y: number;
  text: string;
}

/** How the vertical axis turns data into pixels: its range of values and its height in pixels. */
export interface VerticalScale {
  domain: [number, number];
  height: number;
}

const LINE = FONT_SIZE + 2;

/**
 * Labels to the right of the points they name; where they would touch, they are moved apart vertically, in order.
 *
 * @param labels all meant for the same column of the figure
 */
export function endLabels(labels: Label[], { domain: [low, high], height }: VerticalScale): Plot.Markish[] {
  const pixel = (y: number) => (high - y) / (high - low) * height;
  const sorted = labels.toSorted((a, b) => b.y - a.y);
  const places = spread(sorted.map(({ y }) => pixel(y)), LINE);
  return sorted.map(({ x, y, text }, k) =>
    Plot.text([text], { x: [x], y: [y], text: [text], textAnchor: "start", dx: 10, dy: places[k] - pixel(y) })
  );
}

/** Positions in pixels, moved apart until neighbours are at least `gap` from each other, to a tenth of a pixel. */
export function spread(positions: number[], gap: number): number[] {
  return sideBySide(positions, gap).map((place) => Math.round(10 * place) / 10);
}
