import * as Plot from "@observablehq/plot";
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

/**
 * Moves ascending positions apart until neighbours are at least `gap` from each other; what touches moves as a group
 * about its mean.
 */
export function spread(positions: number[], gap: number): number[] {
  const groups: { centre: number; size: number }[] = [];
  for (const position of positions) {
    let group = { centre: position, size: 1 };
    for (let last = groups.at(-1); last !== undefined && overlap(last, group, gap); last = groups.at(-1)) {
      groups.pop();
      const size = last.size + group.size;
      group = { centre: (last.centre * last.size + group.centre * group.size) / size, size };
    }
    groups.push(group);
  }
  return groups.flatMap(({ centre, size }) =>
    Array.from({ length: size }, (_, k) => Math.round(10 * (centre + (k - (size - 1) / 2) * gap)) / 10)
  );
}

function overlap(
  above: { centre: number; size: number },
  below: { centre: number; size: number },
  gap: number,
): boolean {
  return below.centre - above.centre < (above.size + below.size) / 2 * gap;
}
