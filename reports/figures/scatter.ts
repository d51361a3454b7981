import * as Plot from "@observablehq/plot";
import { type Box, placeLabels } from "./placeLabels.ts";
import { COLOURS, type Look, MARGIN } from "./theme.ts";

/** A point of a scatter plot; the name may be empty. */
export interface ScatterPoint {
  x: number;
  y: number;
  name: string;
  look: Look;
  hollow: boolean;
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
  /** Points of a Pareto front, from the left: drawn as steps. */
  front: { x: number; y: number }[];
}

const EDGES = { marginLeft: 56, marginRight: 24, marginTop: 34, marginBottom: 46 };

/** A scatter plot with the points' names beside them. */
export function scatterPlot(scatter: Scatter): Plot.PlotOptions {
  const { width, height, heading, xLabel, yLabel, xDomain, yDomain, points, links, front } = scatter;
  const named = points.filter(({ name }) => name !== "");
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
      Plot.line(front, {
        x: "x",
        y: "y",
        curve: "step-after",
        stroke: COLOURS.grey,
        strokeWidth: 5,
        strokeOpacity: 0.35,
      }),
      ...links.map(linkMark),
      ...points.map(({ x, y, look, hollow }) =>
        Plot.dot([0], {
          x: [x],
          y: [y],
          r: 5,
          symbol: look.symbol,
          stroke: look.colour,
          strokeWidth: 1.6,
          fill: hollow ? "white" : look.colour,
        })
      ),
      ...named.map(({ x, y, name }, k) => {
        const { dx, dy, anchor } = places(scatter, named)[k];
        return Plot.text([name], {
          x: [x],
          y: [y],
          text: [name],
          dx,
          dy,
          textAnchor: anchor,
          stroke: "white",
          fill: "black",
        });
      }),
    ],
  };
}

function linkMark({ from, to, arrow }: ScatterLink): Plot.Markish {
  const ends = { x1: [from.x], y1: [from.y], x2: [to.x], y2: [to.y], stroke: COLOURS.grey };
  return arrow ? Plot.arrow([0], { ...ends, inset: 7, headLength: 9, strokeWidth: 1.4 }) : Plot.link([0], ends);
}

function places(scatter: Scatter, named: ScatterPoint[]) {
  const { width, height, xDomain, yDomain, points, links, front } = scatter;
  const across = width - EDGES.marginLeft - EDGES.marginRight, down = height - EDGES.marginTop - EDGES.marginBottom;
  const pixel = ({ x, y }: { x: number; y: number }) => ({
    x: EDGES.marginLeft + (x - xDomain[0]) / (xDomain[1] - xDomain[0]) * across,
    y: EDGES.marginTop + (yDomain[1] - y) / (yDomain[1] - yDomain[0]) * down,
  });
  const unnamed = points.filter(({ name }) => name === "").map(pixel);
  const obstacles: Box[] = [
    ...unnamed.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 })),
    ...links.flatMap(({ from, to }) => along(pixel(from), pixel(to))),
    ...steps(front).flatMap(({ from, to }) => along(pixel(from), pixel(to))),
  ];
  const frame = {
    left: EDGES.marginLeft,
    right: width,
    top: EDGES.marginTop - 8,
    bottom: height - EDGES.marginBottom + 4,
  };
  return placeLabels(named.map((point) => ({ ...pixel(point), text: point.name })), obstacles, frame);
}

/** The level and the rising pieces of a front. */
function steps(front: { x: number; y: number }[]) {
  return front.slice(1).flatMap((to, k) => {
    const from = front[k], corner = { x: to.x, y: from.y };
    return [{ from, to: corner }, { from: corner, to }];
  });
}

/** The room of a line, piece by piece. */
function along(from: { x: number; y: number }, to: { x: number; y: number }): Box[] {
  const pieces = 24;
  return Array.from({ length: pieces + 1 }, (_, k) => {
    const x = from.x + (to.x - from.x) * k / pieces, y = from.y + (to.y - from.y) * k / pieces;
    const half = Math.abs(to.x - from.x) / pieces / 2 + 1, tall = Math.abs(to.y - from.y) / pieces / 2 + 2;
    return { left: x - half, right: x + half, top: y - tall, bottom: y + tall };
  });
}
