import * as Plot from "@observablehq/plot";
import { type Box, leaderEnd, placeLabels } from "./placeLabels.ts";
import { COLOURS, type Look, MARGIN } from "./theme.ts";

/** A point of a scatter plot; the name may be empty. */
export interface ScatterPoint {
  x: number;
  y: number;
  name: string;
  look: Look;
  hollow: boolean;
  /** How far a bar through it reaches up and down; absent: there is no bar. */
  half?: number;
}

/** A line from one point to another. */
export interface ScatterLink {
  from: { x: number; y: number };
  to: { x: number; y: number };
  arrow: boolean;
}

/** What a scatter plot shows. */
export interface Scatter {
  width: number;
  height: number;
  heading?: string;
  xLabel: string;
  yLabel: string;
  xDomain: [number, number];
  yDomain: [number, number];
  points: ScatterPoint[];
  links: ScatterLink[];
  /** Lines from left to right. */
  levels?: { y: number; look: Look }[];
  /** Points of a Pareto front, from the left: drawn as steps. */
  front: { x: number; y: number }[];
}

/** A place in data coordinates. */
interface Place {
  x: number;
  y: number;
}

const EDGES = { marginLeft: 56, marginRight: 24, marginTop: 34, marginBottom: 46 };
/** From this length on a name is broken into two lines where there is little room. */
const LONG = 14, LITTLE_ROOM = 500;

/** A scatter plot with the points' names beside them. */
export function scatterPlot(scatter: Scatter): Plot.PlotOptions {
  const { width, height, heading, xLabel, yLabel, xDomain, yDomain, points, links, front, levels = [] } = scatter;
  const centred = { labelAnchor: "center", labelArrow: "none" } as const;
  return {
    width,
    height,
    ...EDGES,
    x: { domain: xDomain, label: xLabel, ticks: 6, ...centred },
    y: {
      domain: yDomain,
      label: yLabel,
      labelArrow: "none",
      labelOffset: EDGES.marginLeft - MARGIN,
      grid: true,
      ticks: 6,
    },
    marks: [
      heading === undefined
        ? null
        : Plot.text([heading], { frameAnchor: "top", dy: -24, fontSize: 14, fontWeight: "bold" }),
      Plot.line(front, { x: "x", y: "y", curve: "step-after", stroke: COLOURS.grey, strokeWidth: 1.6 }),
      ...levels.map(({ y, look: { colour, dash } }) =>
        Plot.ruleY([y], { stroke: colour, strokeDasharray: dash, strokeWidth: 1.4 })
      ),
      ...links.map(linkMark),
      ...points.flatMap(pointMarks),
      ...names(scatter),
    ],
  };
}

function pointMarks({ x, y, look: { symbol, colour }, hollow, half }: ScatterPoint): Plot.Markish[] {
  const bar = half === undefined
    ? []
    : [Plot.ruleX([0], { x: [x], y1: [y - half], y2: [y + half], stroke: colour, strokeWidth: 1.2 })];
  const fill = hollow ? "white" : colour;
  return [...bar, Plot.dot([0], { x: [x], y: [y], r: 5, symbol, stroke: colour, strokeWidth: 1.6, fill })];
}

function linkMark({ from, to, arrow }: ScatterLink): Plot.Markish {
  const ends = { x1: [from.x], y1: [from.y], x2: [to.x], y2: [to.y], stroke: COLOURS.grey };
  return arrow ? Plot.arrow([0], { ...ends, inset: 7, headLength: 9, strokeWidth: 1.4 }) : Plot.link([0], ends);
}

/** The names where they cover nothing, with a thin line to a point that is far from its name. */
function names(scatter: Scatter): Plot.Markish[] {
  const { width, height, xDomain, yDomain, points, links, front } = scatter;
  const across = width - EDGES.marginLeft - EDGES.marginRight, down = height - EDGES.marginTop - EDGES.marginBottom;
  const pixel = ({ x, y }: Place): Place => ({
    x: EDGES.marginLeft + (x - xDomain[0]) / (xDomain[1] - xDomain[0]) * across,
    y: EDGES.marginTop + (yDomain[1] - y) / (yDomain[1] - yDomain[0]) * down,
  });
  const unnamed = points.filter(({ name }) => name === "").map(pixel);
  const lines = [
    ...links,
    ...steps(front),
    ...points.flatMap(({ x, y, half }) =>
      half === undefined ? [] : [{ from: { x, y: y - half }, to: { x, y: y + half } }]
    ),
  ];
  const obstacles: Box[] = [
    ...unnamed.map(({ x, y }) => ({ left: x - 8, right: x + 8, top: y - 8, bottom: y + 8 })),
    ...lines.flatMap(({ from, to }) => along(pixel(from), pixel(to))),
  ];
  const frame = {
    left: EDGES.marginLeft,
    right: width,
    top: EDGES.marginTop - 8,
    bottom: height - EDGES.marginBottom - 6,
  };
  const named = points.filter(({ name }) => name !== "")
    .map((point) => ({ ...pixel(point), at: point, text: broken(point.name, width) }));
  const places = placeLabels(named, obstacles, frame);
  return named.flatMap((point, k) => {
    const { dx, dy, anchor } = places[k], end = leaderEnd(point, places[k]);
    const { at: { x, y }, text } = point;
    return [
      end === undefined ? null : leader(point, end),
      Plot.text([text], { x: [x], y: [y], text: [text], dx, dy, textAnchor: anchor, stroke: "white", fill: "black" }),
    ];
  });
}

/** A line in pixels from the edge of a point's marker to its name. */
function leader(from: Place, to: Place): Plot.Markish {
  const length = Math.hypot(to.x - from.x, to.y - from.y), start = 9 / length;
  const x1 = from.x + (to.x - from.x) * start, y1 = from.y + (to.y - from.y) * start;
  const line = (values: number[]) => ({ value: values, scale: null });
  return Plot.link([0], {
    x1: line([x1]),
    y1: line([y1]),
    x2: line([to.x]),
    y2: line([to.y]),
    stroke: COLOURS.grey,
    strokeWidth: 0.8,
  } as Plot.LinkOptions);
}

/** A long name in two lines of about the same length, where there is little room. */
function broken(name: string, width: number): string {
  if (width > LITTLE_ROOM || name.length < LONG) return name;
  const spaces = [...name.matchAll(/ /g)].map(({ index }) => index);
  if (spaces.length === 0) return name;
  const middle = name.length / 2;
  const at = spaces.reduce((best, one) => Math.abs(one - middle) < Math.abs(best - middle) ? one : best);
  return `${name.slice(0, at)}\n${name.slice(at + 1)}`;
}

/** The level and the rising pieces of a front. */
function steps(front: Place[]): { from: Place; to: Place }[] {
  return front.slice(1).flatMap((to, k) => {
    const from = front[k], corner = { x: to.x, y: from.y };
    return [{ from, to: corner }, { from: corner, to }];
  });
}

/** The room of a line, piece by piece. */
function along(from: Place, to: Place): Box[] {
  const pieces = 24;
  return Array.from({ length: pieces + 1 }, (_, k) => {
    const x = from.x + (to.x - from.x) * k / pieces, y = from.y + (to.y - from.y) * k / pieces;
    const half = Math.abs(to.x - from.x) / pieces / 2 + 1, tall = Math.abs(to.y - from.y) / pieces / 2 + 2;
    return { left: x - half, right: x + half, top: y - tall, bottom: y + tall };
  });
}
