import { FONT_SIZE } from "./theme.ts";
import { textWidth } from "./textWidth.ts";

/** A point with a name, in pixels. */
export interface NamedPoint {
  x: number;
  y: number;
  text: string;
}

/** Where a point's name stands: offsets from the point to the text's middle line and anchor. */
export interface Placement {
  dx: number;
  dy: number;
  anchor: "start" | "middle" | "end";
}

/** A rectangle in pixels. */
export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const REACH = 9, LINE = FONT_SIZE + 3;

/** Places to try, the best first: beside the point, above and below it, at its corners, then further away. */
const CHOICES: Placement[] = [
  { dx: REACH, dy: 0, anchor: "start" },
  { dx: -REACH, dy: 0, anchor: "end" },
  { dx: 0, dy: -LINE, anchor: "middle" },
  { dx: 0, dy: LINE, anchor: "middle" },
  { dx: REACH, dy: -LINE * 0.8, anchor: "start" },
  { dx: REACH, dy: LINE * 0.8, anchor: "start" },
  { dx: -REACH, dy: -LINE * 0.8, anchor: "end" },
  { dx: -REACH, dy: LINE * 0.8, anchor: "end" },
  { dx: 0, dy: -2 * LINE, anchor: "middle" },
  { dx: 0, dy: 2 * LINE, anchor: "middle" },
];

/**
 * Places for the names of points so that no name covers another one or a point; where there is no such place, the least
 * bad one. Points come first, come first served.
 *
 * @param obstacles what names should keep clear of besides the points
 * @param frame names stay inside it
 */
export function placeLabels(points: NamedPoint[], obstacles: Box[], frame: Box): Placement[] {
  const taken = [...obstacles, ...points.map(({ x, y }) => around(x, y))];
  return points.map((point) => {
    const costs = CHOICES.map((choice) => cost(box(point, choice), taken, frame));
    const best = costs.indexOf(Math.min(...costs));
    taken.push(box(point, CHOICES[best]));
    return CHOICES[best];
  });
}

/** The room that a name takes. */
function box({ x, y, text }: NamedPoint, { dx, dy, anchor }: Placement): Box {
  const width = textWidth(text, FONT_SIZE);
  const left = x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
  return { left, right: left + width, top: y + dy - LINE / 2, bottom: y + dy + LINE / 2 };
}

function around(x: number, y: number): Box {
  return { left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 };
}

/** Covered area in square pixels; leaving the frame costs more than anything. */
function cost(own: Box, taken: Box[], frame: Box): number {
  const outside = Math.max(0, frame.left - own.left) + Math.max(0, own.right - frame.right) +
    Math.max(0, frame.top - own.top) + Math.max(0, own.bottom - frame.bottom);
  const covered = taken.reduce((sum, other) => {
    const across = Math.min(own.right, other.right) - Math.max(own.left, other.left);
    const down = Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top);
    return across > 0 && down > 0 ? sum + across * down : sum;
  }, 0);
  return covered + 1000 * outside;
}
