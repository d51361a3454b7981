import * as Plot from "@observablehq/plot";
import { layerPlan } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import type { FigureReport } from "../model.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { fixed } from "../format.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { alsoPrintedAs } from "./names.ts";
import { type Canvas, COLOURS } from "./theme.ts";

/** A layer or a decoder of the timeline. */
interface Lane {
  name: string;
  kind: "layer" | "decoder";
  stage: number;
  /** When it freezes or is dropped, in epochs, as the released code counts; null for never. */
  end: number | null;
  /** The same with t_i counted over the whole run. */
  paperEnd: number | null;
}

const LANE = 25, RIGHT = 20, TOP = 24, BOTTOM = 44;
/** Room for the number of an epoch, in pixels. */
const NUMBER = 36;
const TRAINS = COLOURS.blue, FROZEN = "#dcdcdc", DECODER = "#c27c00";

/**
 * Which layer trains, which is frozen and which decoder is there over the epochs: what thesis figure 1 shows as a
 * diagram.
 *
 * @param schedule form "code"
 * @param twins ids of published figures with the same content
 */
export function timelineFigure(figure: PublishedFigure, schedule: FreezeSchedule, twins: string[]): FigureReport {
  const lanes = timeline(schedule);
  const { epochs, warmupEpochs } = schedule;
  const caption =
    `Computed by our schedule for ${epochs} epochs, ${warmupEpochs} of them warm-up, with freezing times ` +
    `counted as in the released code. ${alsoPrintedAs(figure.id, twins)}`;
  return figureReport({
    id: figure.id.replace(".", "-"),
    title:
      "As a timeline: layers freeze one by one from the input side, and each stage loses its decoder with its last " +
      "layer",
    caption: caption.trim(),
    reading:
      "Blue: trains; grey: frozen; orange: a decoder that is there. Numbers: the epoch of the freeze, t_i counted from " +
      "the end of warm-up as in the released code. Lines across bars: t_i counted over the whole run, as Figure 3 draws it.",
    of: figure.id,
    tables: [],
    draw: (canvas) => ({ panels: [{ left: 0, top: 0, options: plot(lanes, schedule, canvas) }] }),
    csv: csvText(
      ["name", "kind", "stage", "end_epoch_code", "end_epoch_paper"],
      lanes.map(({ name, kind, stage, end, paperEnd }) => [name, kind, stage, end, paperEnd]),
    ),
  });
}

/** The lanes from the input to the output; each stage's decoder behind its last layer. */
function timeline(schedule: FreezeSchedule): Lane[] {
  const code = layerPlan({ ...schedule, form: "code" }), paper = layerPlan({ ...schedule, form: "paper" });
  return code.layers.flatMap(({ layer, name, stage, freezeEpoch }) => {
    const own: Lane = { name, kind: "layer", stage, end: freezeEpoch, paperEnd: paper.layers[layer].freezeEpoch };
    const ends = code.stages.find(({ block }) => block === layer);
    return ends ? [own, { ...own, name: `decoder ${ends.stage}`, kind: "decoder" as const }] : [own];
  });
}

function plot(lanes: Lane[], { epochs, warmupEpochs }: FreezeSchedule, { width, narrow }: Canvas): Plot.PlotOptions {
  const until = (lane: Lane) => lane.end ?? epochs;
  const ended = lanes.filter(({ end }) => end !== null);
  const frozen = ended.filter(({ kind }) => kind === "layer");
  const left = narrow ? 126 : 136;
  const behind = (lane: Lane) => (1 - until(lane) / epochs) * (width - left - RIGHT);
  const word = { x: until, y: "name", fontSize: 12 } as const;
  const fits = ended.filter((lane) => behind(lane) + RIGHT > NUMBER),
    others = ended.filter((lane) => !fits.includes(lane));
  return {
    width,
    height: lanes.length * LANE + TOP + BOTTOM,
    marginLeft: left,
    marginRight: RIGHT,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: { domain: [0, epochs], label: "epoch", labelAnchor: "center", labelArrow: "none" },
    y: { domain: lanes.map(({ name }) => name).reverse(), label: null, padding: 0.16, tickSize: 0 },
    marks: [
      Plot.barX(lanes, {
        x1: 0,
        x2: until,
        y: "name",
        fill: ({ kind }: Lane) => kind === "layer" ? TRAINS : DECODER,
      }),
      Plot.barX(frozen, { x1: until, x2: epochs, y: "name", fill: FROZEN }),
      Plot.tickX(ended, { x: "paperEnd", y: "name", stroke: "white", strokeWidth: 2 }),
      Plot.text(lanes, {
        x: warmupEpochs,
        y: "name",
        text: ({ kind, stage }: Lane) =>
          kind === "layer" ? "trains" : narrow ? "decodes" : `reconstructs the HOG target of stage ${stage}`,
        fill: wordColour,
        textAnchor: "start",
        dx: 6,
        fontSize: 12,
      }),
      Plot.text(fits, {
        ...word,
        textAnchor: "start",
        dx: 5,
        text: (lane: Lane) => ending(lane, behind(lane) > NUMBER + 64),
      }),
      Plot.text(others, {
        ...word,
        textAnchor: "end",
        dx: -5,
        fill: wordColour,
        text: (lane: Lane) => ending(lane, false),
      }),
      Plot.ruleX([warmupEpochs], { stroke: "black", strokeDasharray: "2 3" }),
      Plot.text(["end of warm-up"], { x: warmupEpochs, frameAnchor: "top", dy: -14, fontSize: 12 }),
    ],
  };
}

/** The colour of a word on a lane's bar. */
function wordColour({ kind }: Lane): string {
  return kind === "layer" ? "white" : "black";
}

function ending({ kind, end }: Lane, roomy: boolean): string {
  const epoch = fixed(end ?? 0, 1);
  return roomy ? `${epoch}  ${kind === "layer" ? "frozen" : "dropped"}` : epoch;
}
