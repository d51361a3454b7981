import * as Plot from "@observablehq/plot";
import { FONT_SIZE, type Look, MARGIN } from "./theme.ts";
import { textWidth } from "./textWidth.ts";

/** A line, a marker or both, with a name. */
export interface LegendEntry {
  label: string;
  look: Look;
  /** "line" draws no marker, "dot" no line. */
  kind: "line" | "dot" | "both";
  /** Whether the marker is an outline. */
  hollow?: boolean;
}

const ROW = 22, SAMPLE = 34, GAP = 22, INSET = 4;

/** A legend as a plot of its own: entries side by side, in as many rows as the figure's width needs. */
export function legendPanel(entries: LegendEntry[], width: number): Plot.PlotOptions & { height: number } {
  const places = placed(entries, width - MARGIN);
  const height = (Math.max(...places.map(({ row }) => row)) + 1) * ROW + 4;
  const y = (row: number) => row * ROW + ROW / 2;
  return {
    width: width - MARGIN,
    height,
    margin: 0,
    x: { type: "identity", axis: null },
    y: { type: "identity", axis: null },
    marks: places.flatMap(({ entry: { label, look, kind, hollow }, left, row }) => [
      kind === "dot" ? null : Plot.link([0], {
        x1: left,
        x2: left + SAMPLE - 8,
        y1: y(row),
        y2: y(row),
        stroke: look.colour,
        strokeWidth: 2,
        strokeDasharray: look.dash,
      }),
      kind === "line" ? null : Plot.dot([0], {
        x: left + (SAMPLE - 8) / 2,
        y: y(row),
        r: 4.5,
        symbol: look.symbol,
        stroke: look.colour,
        strokeWidth: 1.6,
        fill: hollow ? "white" : look.colour,
      }),
      Plot.text([label], { x: left + SAMPLE, y: y(row), text: [label], textAnchor: "start", fontSize: FONT_SIZE }),
    ]),
  };
}

function placed(entries: LegendEntry[], room: number): { entry: LegendEntry; left: number; row: number }[] {
  let left = INSET, row = 0;
  return entries.map((entry) => {
    const width = SAMPLE + textWidth(entry.label, FONT_SIZE);
    if (left + width > room && left > INSET) [left, row] = [INSET, row + 1];
    const place = { entry, left, row };
    left += width + GAP;
    return place;
  });
}
