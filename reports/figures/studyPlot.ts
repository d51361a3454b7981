import * as Plot from "@observablehq/plot";
import type { LegendEntry } from "./legend.ts";
import type { Study } from "./study.ts";
import { COLOURS, LOOKS, MARGIN } from "./theme.ts";

/** An accuracy of a set-up, percent, against a number of classes or of epochs. */
export interface StudyPoint {
  setup: string;
  x: number;
  top1: number;
}

/** Room between the axes and the outermost points, in pixels. */
export const INSET = 14;

/** Axes of accuracy against something that grows by factors; the horizontal one is `factorAxis`. */
export function studyAxes(width: number, height: number, marginRight: number, domain: [number, number]) {
  const marginLeft = 48;
  return {
    width,
    height,
    marginLeft,
    marginRight,
    marginTop: 34,
    marginBottom: 46,
    inset: INSET,
    x: { type: "log", axis: null },
    y: {
      domain,
      label: "top-1 accuracy, %",
      labelArrow: "none",
      labelOffset: marginLeft - MARGIN,
      grid: true,
      ticks: 6,
    },
  } satisfies Plot.PlotOptions;
}

/** The horizontal axis: a logarithmic scale by itself would leave out some of the numbers under its ticks. */
export function factorAxis(label: string, points: { x: number }[]): Plot.Markish {
  const ticks = [...new Set(points.map(({ x }) => x))].sort((a, b) => a - b);
  return Plot.axisX(ticks, { text: ticks.map(String), label, labelAnchor: "center", labelArrow: "none" });
}

/** A line with markers for each set-up; hollow markers and thin lines for a study beside the published one. */
export function studyLines({ setups }: Study, points: StudyPoint[], beside: boolean): Plot.Markish[] {
  return setups.flatMap(({ key }, k) => {
    const own = points.filter(({ setup }) => setup === key), { colour, dash, symbol } = LOOKS[k];
    const line = { stroke: colour, strokeWidth: beside ? 1.2 : 2, strokeDasharray: dash };
    const dot = { r: 4.5, symbol, stroke: colour, strokeWidth: 1.6, fill: beside ? "white" : colour };
    return [Plot.line(own, { x: "x", y: "top1", ...line }), Plot.dot(own, { x: "x", y: "top1", ...dot })];
  });
}

/** Names of the set-ups, and of the studies beside the published one. */
export function studyLegend(studies: Study[]): LegendEntry[] {
  const setups = studies[0].setups.map(({ label }, k) => ({ label, look: LOOKS[k], kind: "both" as const }));
  return [...setups, ...besideLegend(studies)];
}

/** Names of the studies beside the published one. */
export function besideLegend(studies: Study[]): LegendEntry[] {
  const look = { colour: COLOURS.black, symbol: "circle" as const };
  return studies.slice(1).map(({ label }) => ({ label, look, kind: "dot", hollow: true }));
}

/** What a study beside the published one is: " Thin lines: ours (laptop), whose classes and epochs stand for the printed ones." */
export function besideNote(studies: Study[], where = "Thin lines"): string {
  const labels = studies.slice(1).map(({ label }) => label);
  return labels.length === 0
    ? ""
    : ` ${where}: ${labels.join(", ")}, whose classes and epochs stand for the printed ones.`;
}
