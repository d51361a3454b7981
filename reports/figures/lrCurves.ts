import * as Plot from "@observablehq/plot";
import { describeFreezing, describeRun } from "../../core/schedules/describe.ts";
import { freezeEpochs } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { figureSvg, type Panel } from "./frame.ts";
import { curveLayers, curvePoints } from "./lrPoints.ts";
import { type Canvas, MARGIN, WIDE } from "./theme.ts";

const HEIGHT = 440, LEFT = 56, RIGHT = 24;
/** Room for one label and for one row of labels, in pixels. */
const LABEL_WIDTH = 19, ROW_HEIGHT = 14, MAX_ROWS = 6;
/** Viridis up to here has a contrast of 3 against white. */
const DARK_SHARE = 0.58;

/** Names of the axes, and what a rate equal to the base rate is on them: 1 or 100. */
export interface LrAxes {
  x: string;
  y: string;
  base: number;
}

interface Label {
  layer: number;
  epoch: number;
  text: string;
  /** Counted downwards from the zero line. */
  row: number;
}

/**
 * The learning rate of each layer over training, relative to the base rate, one curve per layer (thesis figures 2, 3).
 *
 * The number under a curve's end names its layer. Where curves end too close together for six rows of numbers, the
 * number nearer the input is left out. Without freezing one curve stands for all layers. Equal schedules give equal text.
 *
 * @param schedule as `checkSchedule` accepts it
 * @returns a self-contained SVG of 880 pixels width
 */
export function lrCurvesSvg(schedule: FreezeSchedule): string {
  const run = describeRun(schedule);
  return figureSvg({
    title: `Learning rate of each layer: ${describeFreezing(schedule)}`,
    subtitle: `${run}. ${lrReading(schedule)}`,
    description: `Learning-rate curves of ${schedule.layers} layers over ${run}.`,
    panels: [lrPanel(schedule, { x: "epoch", y: "learning rate / base rate", base: 1 }, WIDE)],
  });
}

/** How the curves of `lrPanel` are labelled. */
export function lrReading({ t0 }: FreezeSchedule): string {
  return t0 === 1
    ? "One curve for all layers."
    : "The number under a curve's end is its layer; 0 is the patch embedding.";
}

/** The colour scale of layers: viridis as far as it is dark enough, dark for the input side. */
export function layerColours(layers: number): Plot.ScaleOptions {
  return { type: "linear", scheme: "viridis", domain: [0, Math.max(layers - 1, 1) / DARK_SHARE] };
}

/** The curves of `lrCurvesSvg` as a plot. */
export function lrPanel(schedule: FreezeSchedule, axes: LrAxes, { width }: Canvas): Panel {
  const labels = endLabels(schedule, width);
  const rows = Math.max(...labels.map((label) => label.row)) + 1;
  const points = curvePoints(schedule).map((point) => ({ ...point, rate: point.rate * axes.base }));
  const options: Plot.PlotOptions = {
    width,
    height: HEIGHT,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 30,
    marginBottom: 44,
    insetBottom: rows * ROW_HEIGHT + 12,
    x: { domain: [0, schedule.epochs], label: axes.x, labelAnchor: "center", labelArrow: "none" },
    y: { label: axes.y, labelArrow: "none", labelOffset: LEFT - MARGIN, zero: true, nice: true, grid: true, ticks: 6 },
    color: layerColours(schedule.layers),
    marks: [
      Plot.ruleY([0], { stroke: "black" }),
      Plot.line(points, { x: "epoch", y: "rate", z: "layer", stroke: "layer", strokeWidth: 1.8 }),
      ...labelMarks(labels, rows),
    ],
  };
  return { left: 0, top: 0, options };
}

/** One label per curve, each in the highest row where it touches no other; placed from the right. */
function endLabels(schedule: FreezeSchedule, width: number): Label[] {
  const ends = freezeEpochs(schedule);
  const perPixel = schedule.epochs / (width - LEFT - RIGHT);
  const taken: number[] = [];
  return curveLayers(schedule).reverse().flatMap((layer) => {
    const epoch = ends[layer] ?? schedule.epochs;
    let row = 0;
    while (row < taken.length && taken[row] - epoch < LABEL_WIDTH * perPixel) row++;
    if (row === MAX_ROWS) return [];
    taken[row] = epoch;
    return [{ layer, epoch, text: schedule.t0 === 1 ? "all" : String(layer), row }];
  });
}

/** A thin line from each curve's end to its label, and the label, row by row. */
function labelMarks(labels: Label[], rows: number): Plot.Markish[] {
  const perRow = Array.from({ length: rows }, (_, row) => ({
    here: labels.filter((label) => label.row === row),
    below: row * ROW_HEIGHT,
  }));
  const lines = perRow.map(({ here, below }) =>
    Plot.ruleX(here, { x: "epoch", y1: 0, y2: 0, insetBottom: -below - 5, stroke: "layer", strokeWidth: 1 })
  );
  const halo = { stroke: "white", strokeWidth: 4 };
  const texts = perRow.map(({ here, below }) =>
    Plot.text(here, { x: "epoch", y: 0, dy: below + 13, text: "text", fill: "black", fontSize: 12, ...halo })
  );
  return [...lines, ...texts];
}
