import * as Plot from "@observablehq/plot";
import type { FigureReport } from "../model.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { figureReport } from "./figureReport.ts";
import type { Panel } from "./frame.ts";
import type { LegendEntry } from "./legend.ts";
import { layerColours } from "./lrCurves.ts";
import { niceDomain } from "./niceDomain.ts";
import { byRow, type OwnScale } from "./ownRuns.ts";
import { runsCsv } from "./runsCsv.ts";
import { type LossPiece, lossStack } from "./stageLosses.ts";
import { type Canvas, COLOURS, type Look, MARGIN } from "./theme.ts";

const PANEL_HEIGHT = 284;
const EDGES = { marginLeft: 52, marginRight: 20, marginTop: 62, marginBottom: 44 };
/** Grounds of the stages' parts of the loss, from the input; black text can be read on all of them. */
const STAGES = ["#d9e8f4", "#a9cbe5", "#7fb0d6", "#5795c6"];

/** The curve of runs whose layers are all alike. */
const SHARED: Look = { colour: COLOURS.black, dash: "7 4", symbol: "circle" };
/** Room for the name of a stage, in pixels. */
const NAME_WIDTH = 52, NAME_HEIGHT = 16;

/** Epochs that are drawn at most; of a longer run every so many. */
const MOST_EPOCHS = 500;

/** One run of a row: of several seeds the first. */
interface Shown {
  label: string;
  run: PhaseRecord;
  /** The epochs that are drawn, every `stride`. */
  epochs: PhaseRecord["epochs"];
  stride: number;
}

function shownRun(label: string, run: PhaseRecord): Shown {
  const stride = Math.ceil(run.epochs.length / MOST_EPOCHS);
  return { label, run, stride, epochs: run.epochs.filter((_, k) => k % stride === 0) };
}

/**
 * Learning rates and losses of a scale's runs over pre-training, a row of panels per row of the table. A vertical line
 * marks every decoder that is dropped: the loss falls there because a term leaves the sum.
 *
 * @param table id of the table whose rows were run
 * @param scale with at least one run
 */
export function runCurvesFigure(table: string, scale: OwnScale): FigureReport {
  const shown = byRow(scale).map(({ label, runs: [{ pretrain }] }) => shownRun(label, pretrain));
  const layers = Math.max(...shown.map(({ run }) => run.epochs[0].rates.length));
  const title = `${scale.id}: learning rates and losses of pre-training`;
  const caption =
    "One run of each row, that of the lowest seed. Learning rates are those at the end of each epoch, losses " +
    "means over the epoch. When a decoder is dropped its loss leaves the sum: the total falls at once while the stages " +
    "that are left go on as before.";
  const top = (of: (epoch: PhaseRecord["epochs"][number]) => number[]) =>
    niceDomain([0, ...shown.flatMap(({ epochs }) => epochs.flatMap(of))]);
  const rates = top(({ rates }) => rates.map((rate) => rate * 1000));
  const losses = top(({ losses }) => [losses.loss ?? 0]);
  return figureReport({
    id: `curves-${scale.id}`,
    title,
    caption,
    reading:
      "Learning rate of each layer, and loss, stacked by stage with the last stage at the bottom. Vertical lines: the " +
      "decoder of that number is dropped, and its part of the loss with it.",
    of: "",
    tables: [table],
    draw: (canvas) => ({
      legend: rateLegend(layers, shown),
      panels: placed(
        shown.flatMap((one) => [ratePlot(one, layers, rates), lossPlot(one, losses, plotWidth(canvas))]),
        canvas,
      ),
    }),
    csv: runsCsv(scale),
  });
}

/** Plots in two columns, or in one where there is no room for two. */
function placed(plots: Plot.PlotOptions[], canvas: Canvas): Panel[] {
  const columns = canvas.narrow ? 1 : 2, width = plotWidth(canvas);
  return plots.map((options, k) => ({
    left: (k % columns) * width,
    top: Math.floor(k / columns) * PANEL_HEIGHT,
    options: { ...options, width },
  }));
}

function plotWidth({ width, narrow }: Canvas): number {
  return narrow ? width : width / 2;
}

/** Whether all layers have one learning rate throughout. */
function isShared({ epochs }: PhaseRecord): boolean {
  return epochs.every(({ rates }) => rates.every((rate) => rate === rates[0]));
}

function ratePlot(shown: Shown, layers: number, domain: [number, number]): Plot.PlotOptions {
  const { label, run, epochs } = shown;
  if (isShared(run)) return sharedRatePlot(shown, domain);
  const points = epochs.flatMap(({ epoch, rates, live }) =>
    Array.from({ length: layers }, (_, layer) => ({
      layer,
      epoch: epoch + 1,
      rate: (rates.length === 1 ? rates[0] : rates[layer]) * 1000,
      live: live?.layers[layer] ?? true,
    }))
  ).filter(({ live }) => live);
  return {
    ...axes(run, domain),
    color: layerColours(layers),
    marks: [
      ...headings(label, "learning rate, thousandths"),
      ...dropLines(run),
      Plot.line(points, { x: "epoch", y: "rate", z: "layer", stroke: "layer", strokeWidth: 1.6 }),
    ],
  };
}

/** The one learning rate of a run that freezes nothing: a curve of no layer. */
function sharedRatePlot({ label, run, epochs }: Shown, domain: [number, number]): Plot.PlotOptions {
  const points = epochs.map(({ epoch, rates }) => ({ epoch: epoch + 1, rate: rates[0] * 1000 }));
  return {
    ...axes(run, domain),
    marks: [
      ...headings(label, "learning rate, thousandths"),
      Plot.line(points, {
        x: "epoch",
        y: "rate",
        stroke: SHARED.colour,
        strokeWidth: 1.6,
        strokeDasharray: SHARED.dash,
      }),
    ],
  };
}

function lossPlot({ label, run, epochs, stride }: Shown, domain: [number, number], width: number): Plot.PlotOptions {
  const total = epochs.flatMap(({ epoch, losses: { loss } }) => [{ x: epoch, loss }, { x: epoch + stride, loss }]);
  const pieces = lossStack({ epochs });
  const named = namedPieces(pieces, run.epochs.length, { domain, width });
  return {
    ...axes(run, domain),
    marks: [
      ...headings(label, "loss"),
      Plot.rect(pieces, {
        x1: "epoch",
        x2: ({ epoch }: LossPiece) => epoch + stride,
        y1: "low",
        y2: "high",
        fill: ({ stage }: LossPiece) => STAGES[stage % STAGES.length],
      }),
      Plot.line(total, { x: "x", y: "loss", stroke: "black", strokeWidth: 1.8 }),
      Plot.text(named, {
        x: ({ epoch }: LossPiece) => epoch + 0.5,
        y: ({ low, high }: LossPiece) => (low + high) / 2,
        text: ({ stage }: LossPiece) => `stage ${stage + 1}`,
        fontSize: 12,
      }),
      ...dropLines(run),
    ],
  };
}

/** Of each stage the tallest piece that has room for a name; a stage that is too thin everywhere has none. */
function namedPieces(
  pieces: LossPiece[],
  epochs: number,
  { domain: [low, high], width }: { domain: [number, number]; width: number },
): LossPiece[] {
  const across = (width - EDGES.marginLeft - EDGES.marginRight) / epochs;
  const down = (PANEL_HEIGHT - EDGES.marginTop - EDGES.marginBottom) / (high - low);
  const isInside = ({ epoch }: LossPiece) =>
    (epoch + 0.5) * across > NAME_WIDTH / 2 && (epochs - epoch - 0.5) * across > NAME_WIDTH / 2;
  const roomy = pieces.filter((piece) => isInside(piece) && (piece.high - piece.low) * down > NAME_HEIGHT);
  return [...Map.groupBy(roomy, ({ stage }) => stage).values()].map((own) =>
    own.reduce((tallest, one) => one.high - one.low > tallest.high - tallest.low ? one : tallest)
  );
}

function axes({ epochs }: PhaseRecord, domain: [number, number]): Plot.PlotOptions {
  return {
    height: PANEL_HEIGHT,
    ...EDGES,
    x: { domain: [0, epochs.length], label: "epoch", labelAnchor: "center", labelArrow: "none", ticks: 6 },
    y: { domain, label: null, grid: true, ticks: 5 },
  };
}

/** The row's name, and below it what the vertical axis shows. */
function headings(label: string, axis: string): Plot.Markish[] {
  const at = { frameAnchor: "top-left", textAnchor: "start", dx: MARGIN - EDGES.marginLeft } as const;
  return [
    Plot.text([label], { ...at, dy: -54, fontSize: 14, fontWeight: "bold" }),
    Plot.text([axis], { ...at, dy: -32 }),
  ];
}

/** A line with a number where a decoder is dropped. */
function dropLines({ events, epochs }: PhaseRecord): Plot.Markish[] {
  const steps = epochs.reduce((sum, { iterations }) => sum + iterations, 0);
  const drops = events.flatMap((event) =>
    event.kind === "prune" ? [{ at: event.iteration / steps * epochs.length, stage: event.at + 1 }] : []
  );
  return [
    Plot.ruleX(drops, { x: "at", stroke: COLOURS.grey, strokeDasharray: "2 3" }),
    Plot.text(drops, { x: "at", text: ({ stage }) => String(stage), frameAnchor: "top", dy: -14, fontSize: 12 }),
  ];
}

/** Four layers of the colour scale, and the curve of runs without freezing. */
function rateLegend(layers: number, shown: Shown[]): LegendEntry[] {
  const shared = shown.some(({ run }) => isShared(run));
  return [
    ...shown.every(({ run }) => isShared(run)) ? [] : layerLegend(layers),
    ...shared ? [{ label: "all layers alike", look: SHARED, kind: "line" } as const] : [],
  ];
}

function layerLegend(layers: number): LegendEntry[] {
  const last = layers - 1;
  const colour = Plot.scale({ color: layerColours(last + 1) });
  const shown = [...new Set([0, 1, 2, 3].map((k) => Math.round(k * last / 3)))];
  return shown.map((layer) => ({
    label: layer === 0 ? "layer 0 (patch embedding)" : `layer ${layer}`,
    look: { colour: String(colour.apply(layer)), symbol: "circle" },
    kind: "line",
  }));
}
