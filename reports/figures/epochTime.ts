import * as Plot from "@observablehq/plot";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import type { FigureReport } from "../model.ts";
import { fixed } from "../format.ts";
import { decoderShare } from "../logs/decoderShare.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import {
  type FrozenTime,
  measuredTimes,
  type Modelled,
  modelledTimes,
  ourProgram,
  recipeOf,
  RELEASED,
} from "./frozenTimes.ts";
import { endLabels } from "./labels.ts";
import type { LegendEntry } from "./legend.ts";
import { byRow, type OwnScale } from "./ownRuns.ts";
import { thinned } from "./thinned.ts";
import { type Canvas, COLOURS, type Look, MARGIN } from "./theme.ts";

/** A line or a cloud of points of one panel. */
interface Series {
  name: string;
  /** What stands at its end; "" where another series says it already. */
  label: string;
  look: Look;
  /** "line": the cost model; "points": single epochs; "both": the author's log. */
  kind: "line" | "points" | "both";
  times: FrozenTime[];
}

interface PanelData {
  heading: string;
  stageBlocks: number[];
  series: Series[];
}

const CUT: Look = { colour: COLOURS.blue, dash: "2 3", symbol: "square" };
const LIVE: Look = { colour: COLOURS.vermilion, dash: "7 4", symbol: "triangle" };
const OURS: Look = { colour: COLOURS.black, symbol: "diamond" };
const LOG: Look = { colour: COLOURS.black, symbol: "circle" };
/** Points of a series that are drawn at most. */
const MOST_POINTS = 1000;
const HEIGHT = 330, LEFT = 48, TOP = 62, BOTTOM = 46;

/**
 * Time of an epoch by the number of frozen layers, relative to none: the author's log beside the cost model for ViT-B,
 * then a panel for each scale of our runs beside the cost model for its model.
 *
 * @param table id of the table whose rows are timed
 * @param model ViT-B
 * @param logged the author's log of ViTFreeze; empty when there is none
 */
export function epochTimeFigure(
  table: string,
  model: LocalMimConfig,
  logged: FrozenTime[],
  scales: OwnScale[],
): FigureReport {
  const panels = [publishedPanel(model, logged), ...scales.flatMap(ownPanel)];
  const title = sentence(model, logged);
  const caption = `${reading(model)} Measured: seconds inside the steps; the author's log by its median over whole ` +
    "epochs, our runs epoch by epoch at the mean number of frozen layers. Modelled: seconds of a step by core/cost, of the " +
    "released code on a V100 and of this project's on a CPU.";
  return figureReport({
    id: "epoch-time",
    title,
    caption,
    reading:
      "Relative to an epoch of the same run without frozen layers. Model: with the backward pass cut at the first live " +
      "layer, or passing through all layers.",
    of: "",
    tables: [table],
    draw: (canvas) => ({
      ...(canvas.narrow && { legend: legend(panels) }),
      panels: panels.map((panel, k) => ({ left: 0, top: k * HEIGHT, options: plot(panel, canvas) })),
    }),
    csv: csvText(
      ["panel", "series", "frozen_layers", "relative_time"],
      panels.flatMap(({ heading, series }) =>
        series.flatMap(({ name, times }) => times.map(({ frozen, share }) => [heading, name, frozen, share]))
      ),
    ),
  });
}

/** Every series once: where there is no room for names at the ends of lines. */
function legend(panels: PanelData[]): LegendEntry[] {
  const all = panels.flatMap(({ series }) => series).filter(({ label }) => label !== "");
  const first = [...new Map(all.toReversed().map((one) => [one.label, one])).values()].toReversed();
  const kinds = { line: "line", points: "dot", both: "both" } as const;
  return first.map(({ label, look, kind }) => ({ label, look, kind: kinds[kind], hollow: kind === "points" }));
}

function publishedPanel(model: LocalMimConfig, logged: FrozenTime[]): PanelData {
  const log: Series[] = logged.length === 0 ? [] : [series("author's log, one V100", LOG, "both", logged)];
  return {
    heading: "ViT-B, 224 px",
    stageBlocks: model.stageBlocks,
    series: [...modelSeries(model, RELEASED), ...log],
  };
}

function modelSeries(model: LocalMimConfig, program: Modelled): Series[] {
  return [
    series("model, backward pass live", LIVE, "line", modelledTimes(model, program, "live")),
    series("model, backward pass cut", CUT, "line", modelledTimes(model, program, "cut")),
  ];
}

function series(name: string, look: Look, kind: Series["kind"], times: FrozenTime[]): Series {
  return { name, label: name, look, kind, times };
}

/** Our runs that freeze; no panel where there are none or their model is not known. */
function ownPanel(scale: OwnScale): PanelData[] {
  const recipe = scale.runs.map(({ pretrain }) => recipeOf(pretrain)).find((found) => found !== undefined);
  const measured = byRow(scale).filter(({ runs }) => runs.some(({ pretrain: { events } }) => events.length > 0))
    .map(({ label, runs }) =>
      series(`ours: ${label}`, OURS, "points", runs.flatMap(({ pretrain }) => measuredTimes(pretrain)))
    )
    .filter(({ times }) => times.length > 0)
    .map((own, k) => ({ ...own, label: k === 0 ? "ours, every epoch" : "" }));
  if (recipe === undefined || measured.length === 0) return [];
  const { model, batch } = recipe;
  const heading = `${scale.id}, ${model.imageSize} px`;
  return [{ heading, stageBlocks: model.stageBlocks, series: [...modelSeries(model, ourProgram(batch)), ...measured] }];
}

function plot({ heading, stageBlocks, series }: PanelData, { width, narrow }: Canvas): Plot.PlotOptions {
  const layers = stageBlocks[stageBlocks.length - 1];
  const highest = series.flatMap(({ times }) => times).reduce((most, { share }) => Math.max(most, share), 1);
  const domain: [number, number] = [0, Math.ceil(highest * 10) / 10];
  const drops = stageBlocks.slice(0, -1).map((block, k) => ({
    at: block + 1,
    name: narrow ? `drop ${k + 1}` : `decoder ${k + 1}\ndropped`,
  }));
  const ends = series.filter(({ label }) => label !== "")
    .map(({ label, times }) => ({ x: layers, y: times[times.length - 1].share, text: label }));
  return {
    width,
    height: HEIGHT,
    marginLeft: LEFT,
    marginRight: narrow ? 20 : 232,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: { domain: [0, layers], label: "frozen layers", labelAnchor: "center", labelArrow: "none", ticks: layers },
    y: { domain, label: "relative time", labelArrow: "none", labelOffset: LEFT - MARGIN, grid: true, ticks: 6 },
    marks: [
      Plot.text([heading], { frameAnchor: "top", dy: -56, fontSize: 14, fontWeight: "bold" }),
      Plot.ruleX(drops, { x: "at", stroke: COLOURS.grey, strokeDasharray: "2 3" }),
      Plot.text(drops, { x: "at", text: "name", frameAnchor: "top", lineAnchor: "bottom", dy: -4, fontSize: 12 }),
      ...series.flatMap(seriesMarks),
      ...(narrow ? [] : endLabels(ends, { domain, height: HEIGHT - TOP - BOTTOM })),
    ],
  };
}

function seriesMarks({ look: { colour, dash, symbol }, kind, times }: Series): Plot.Markish[] {
  const line = Plot.line(times, { x: "frozen", y: "share", stroke: colour, strokeWidth: 2, strokeDasharray: dash });
  const dots = Plot.dot(thinned(times, MOST_POINTS), {
    x: "frozen",
    y: "share",
    r: 4,
    symbol,
    stroke: colour,
    fill: kind === "both" ? colour : "white",
  });
  return kind === "line" ? [line] : kind === "points" ? [dots] : [line, dots];
}

/** How much of what freezing saves in the author's log comes where a decoder is dropped. */
function sentence({ stageBlocks }: LocalMimConfig, logged: FrozenTime[]): string {
  const title = "Time of an epoch by the number of frozen layers";
  const found = decoderShare(stageBlocks, logged);
  if (found === undefined) return title;
  return `${title}: ${fixed(100 * found.part, 0)} % of what the author's log saves comes where a decoder is dropped`;
}

/** What the steps of the cost model are worth, in words. */
function reading(model: LocalMimConfig): string {
  const last = (backward: "cut" | "live") => modelledTimes(model, RELEASED, backward)[model.depth].share;
  return `With all but the last layer frozen the model gives the released code ${
    fixed(100 * last("cut"), 0)
  } % of its time ` +
    `where the backward pass is cut and ${fixed(100 * last("live"), 0)} % where it is not.`;
}
