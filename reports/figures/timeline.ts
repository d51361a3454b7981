import * as Plot from "@observablehq/plot";
import { layerPlan } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import type { FigureReport } from "../model.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { fixed } from "../format.ts";
import { csvText } from "./csv.ts";
import { figureSvg } from "./frame.ts";
import { alsoPrintedAs, printedName } from "./names.ts";
import { COLOURS, WIDTH } from "./theme.ts";

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

const LANE = 25, LEFT = 136, RIGHT = 20, TOP = 24, BOTTOM = 44;
const TRAINS = COLOURS.blue, FROZEN = "#dcdcdc", DECODER = "#e69f00";

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
  return {
    id: figure.id.replace(".", "-"),
    title: figure.title,
    caption: caption.trim(),
    of: figure.id,
    svg: figureSvg({
      title:
        `${
          printedName(figure.id)
        }, as a timeline: layers freeze one by one from the input side, and each stage loses ` +
        "its decoder with its last layer",
      subtitle:
        "Numbers: the epoch of the freeze, t_i counted from the end of warm-up as in the released code. White " +
        "lines: t_i counted over the whole run, as Figure 3 draws it.",
      description: caption.trim(),
      panels: [{ left: 0, top: 0, options: plot(lanes, schedule) }],
    }),
    csv: csvText(
      ["name", "kind", "stage", "end_epoch_code", "end_epoch_paper"],
      lanes.map(({ name, kind, stage, end, paperEnd }) => [name, kind, stage, end, paperEnd]),
    ),
  };
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

function plot(lanes: Lane[], { epochs, warmupEpochs }: FreezeSchedule): Plot.PlotOptions {
  const until = (lane: Lane) => lane.end ?? epochs;
  const ended = lanes.filter(({ end }) => end !== null);
  const frozen = ended.filter(({ kind }) => kind === "layer");
  const roomy = (lane: Lane) => epochs - until(lane) > epochs * 0.16;
  const word = { x: until, y: "name", textAnchor: "start", dx: 5, fontSize: 12 } as const;
  return {
    width: WIDTH,
    height: lanes.length * LANE + TOP + BOTTOM,
    marginLeft: LEFT,
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
        text: ({ kind, stage }: Lane) => kind === "layer" ? "trains" : `reconstructs the HOG target of stage ${stage}`,
        fill: ({ kind }: Lane) => kind === "layer" ? "white" : "black",
        textAnchor: "start",
        dx: 6,
        fontSize: 12,
      }),
      Plot.text(ended, { ...word, text: (lane: Lane) => ending(lane, roomy(lane)) }),
      Plot.ruleX([warmupEpochs], { stroke: "black", strokeDasharray: "2 3" }),
      Plot.text(["end of warm-up"], { x: warmupEpochs, frameAnchor: "top", dy: -14, fontSize: 12 }),
    ],
  };
}

function ending({ kind, end }: Lane, roomy: boolean): string {
  const epoch = fixed(end ?? 0, 1);
  return roomy ? `${epoch}  ${kind === "layer" ? "frozen" : "dropped"}` : epoch;
}
