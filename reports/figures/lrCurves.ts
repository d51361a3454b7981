import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { describeFreezing, describeRun } from "../../core/schedules/describe.ts";
import { freezeEpochs } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/schedule.ts";
import { curveLayers, curvePoints } from "./lrPoints.ts";
import { standaloneSvg } from "./standaloneSvg.ts";

const WIDTH = 880, HEIGHT = 500, LEFT = 56, RIGHT = 24;
/** Room for one label and for one row of labels, in pixels. */
const LABEL_WIDTH = 19, ROW_HEIGHT = 14, MAX_ROWS = 6;
/** Viridis up to here is dark enough to be read on white, in colour and in grey. */
const DARK_SHARE = 0.75;

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
 * @returns a self-contained SVG, 880 x 500 pixels
 */
export function lrCurvesSvg(schedule: FreezeSchedule): string {
  const { document } = parseHTML("<html><body></body></html>");
  const labels = endLabels(schedule);
  const rows = Math.max(...labels.map((label) => label.row)) + 1;
  const svg = Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: LEFT,
    marginRight: RIGHT,
    marginTop: 78,
    marginBottom: 44,
    insetBottom: rows * ROW_HEIGHT + 12,
    style: { color: "black", fontSize: "13px", fontFamily: "DejaVu Sans, Arial, sans-serif", overflow: "visible" },
    x: { domain: [0, schedule.epochs], label: "epoch", labelAnchor: "center", labelArrow: "none" },
    y: { label: null, zero: true, nice: true, grid: true, ticks: 6 },
    color: { type: "linear", scheme: "viridis", domain: [0, Math.max(schedule.layers - 1, 1) / DARK_SHARE] },
    marks: [
      Plot.ruleY([0], { stroke: "black" }),
      Plot.line(curvePoints(schedule), { x: "epoch", y: "rate", z: "layer", stroke: "layer", strokeWidth: 1.8 }),
      ...labelMarks(labels, rows),
      ...headings(schedule),
    ],
  });
  return standaloneSvg(svg as Element, `Learning rate of each layer: ${describeFreezing(schedule)}`);
}

/** One label per curve, each in the highest row where it touches no other; placed from the right. */
function endLabels(schedule: FreezeSchedule): Label[] {
  const ends = freezeEpochs(schedule);
  const perPixel = schedule.epochs / (WIDTH - LEFT - RIGHT);
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

function headings(schedule: FreezeSchedule): Plot.Markish[] {
  const reading = schedule.t0 === 1
    ? "One curve for all layers."
    : "The number under a curve's end is its layer; 0 is the patch embedding.";
  const at = { frameAnchor: "top-left", textAnchor: "start", dx: -LEFT + 8 } as const;
  return [
    Plot.text([`Learning rate of each layer: ${describeFreezing(schedule)}`], { ...at, dy: -68, fontSize: 17 }),
    Plot.text([`${describeRun(schedule)}. ${reading}`], { ...at, dy: -46, fontSize: 13 }),
    Plot.text(["learning rate / base rate"], { ...at, dy: -19, fontSize: 13 }),
  ];
}
