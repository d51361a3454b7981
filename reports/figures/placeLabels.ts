import { FONT_SIZE } from "./theme.ts";
import { textWidth } from "./textWidth.ts";

/** A point with a name, in pixels; the name may have several lines. */
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

/** Height of a line of text, and room that stays free around it and around the centre of a marker. */
const LINE = FONT_SIZE + 2, CLEAR = 3, MARKER = 8;
/** Distances from a point to its name, the best first; from `FAR` on a line has to join them. */
const REACHES = [12, 18, 26, 36, 48, 62, 78], FAR = 20;
/** How often all names are placed anew, each beside the others' places. */
const ROUNDS = 4;

/**
 * Places for the names of points so that no name covers another one, a point or what else is drawn; where there is no such
 * place, the least bad one.
 *
 * @param obstacles what names should keep clear of besides the points
 * @param frame names stay inside it
 */
export function placeLabels(points: NamedPoint[], obstacles: Box[], frame: Box): Placement[] {
  const marks = [...obstacles, ...points.map(({ x, y }) => around(x, y))];
  const places: (Placement | undefined)[] = points.map(() => undefined);
  for (let round = 0; round < ROUNDS; round++) {
    points.forEach((point, k) => {
      const others = points.flatMap((other, j) => j === k || !places[j] ? [] : [labelBox(other, places[j])]);
      const found = choices(point.text).map((choice, rank) => ({
        choice,
        cost: cost(labelBox(point, choice), [...marks, ...others], frame) + rank / 100,
      }));
      places[k] = found.reduce((best, one) => one.cost < best.cost ? one : best).choice;
    });
  }
  return places as Placement[];
}

/** The room that a name takes. */
function labelBox({ x, y, text }: NamedPoint, { dx, dy, anchor }: Placement): Box {
  const { width, height } = textSize(text);
  const left = x + dx - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
  return { left, right: left + width, top: y + dy - height / 2, bottom: y + dy + height / 2 };
}

/** The end of the line that joins a point with a far name; undefined for a near one. */
export function leaderEnd(point: NamedPoint, placement: Placement): { x: number; y: number } | undefined {
  const { left, right, top, bottom } = labelBox(point, placement);
  const x = Math.min(Math.max(point.x, left - 1), right + 1), y = Math.min(Math.max(point.y, top + 1), bottom - 1);
  return Math.hypot(x - point.x, y - point.y) < FAR ? undefined : { x, y };
}

/** Places to try, the best first: beside the point, above and below it, at its corners, then further away. */
function choices(text: string): Placement[] {
  const { height } = textSize(text);
  return REACHES.flatMap((reach): Placement[] => {
    const up = reach + height / 2 - 2, corner = reach * 0.75;
    return [
      { dx: reach, dy: 0, anchor: "start" },
      { dx: -reach, dy: 0, anchor: "end" },
      { dx: 0, dy: -up, anchor: "middle" },
      { dx: 0, dy: up, anchor: "middle" },
      { dx: corner, dy: -corner - height / 4, anchor: "start" },
      { dx: corner, dy: corner + height / 4, anchor: "start" },
      { dx: -corner, dy: -corner - height / 4, anchor: "end" },
      { dx: -corner, dy: corner + height / 4, anchor: "end" },
      { dx: -corner, dy: -up, anchor: "start" },
      { dx: -corner, dy: up, anchor: "start" },
      { dx: corner, dy: -up, anchor: "end" },
      { dx: corner, dy: up, anchor: "end" },
    ];
  });
}

function textSize(text: string): { width: number; height: number } {
  const lines = text.split("\n");
  return { width: Math.max(...lines.map((line) => textWidth(line, FONT_SIZE))), height: lines.length * LINE };
}

function around(x: number, y: number): Box {
  return { left: x - MARKER, right: x + MARKER, top: y - MARKER, bottom: y + MARKER };
}

/** Covered area in square pixels; leaving the frame costs more than anything. */
function cost(own: Box, taken: Box[], frame: Box): number {
  const outside = Math.max(0, frame.left - own.left) + Math.max(0, own.right - frame.right) +
    Math.max(0, frame.top - own.top) + Math.max(0, own.bottom - frame.bottom);
  const covered = taken.reduce((sum, other) => {
    const across = Math.min(own.right, other.right) - Math.max(own.left, other.left) + CLEAR;
    const down = Math.min(own.bottom, other.bottom) - Math.max(own.top, other.top) + CLEAR;
    return across > 0 && down > 0 ? sum + across * down : sum;
  }, 0);
  return covered + 1000 * outside;
}
