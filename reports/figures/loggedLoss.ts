import * as Plot from "@observablehq/plot";
import { layerPlan } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import type { FigureReport } from "../model.ts";
import { fixed } from "../format.ts";
import type { AuthorsRun, LoggedCell } from "../sources/authors.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { endLabels } from "./labels.ts";
import { niceDomain } from "./niceDomain.ts";
import { type Canvas, COLOURS, type Look, MARGIN } from "./theme.ts";

/** A pre-training of the author, by its loss per epoch. */
interface Curve {
  label: string;
  look: Look;
  run: string;
  loss: number[];
}

const LOOKS: Look[] = [
  { colour: COLOURS.black, symbol: "circle" },
  { colour: COLOURS.vermilion, dash: "7 4", symbol: "triangle" },
  { colour: COLOURS.blue, dash: "2 3", symbol: "square" },
];
const HEIGHT = 380, LEFT = 56, TOP = 62, BOTTOM = 46;

/**
 * The losses in the author's logs of the rows of a table of losses (thesis Table 18): what the printed final losses are
 * made of.
 *
 * @param schedule of the rows that freeze, as the released code counts
 * @param cells of that table, which name the runs
 */
export function loggedLossFigure(
  table: PublishedTable,
  schedule: FreezeSchedule,
  authors: AuthorsRun[],
  cells: LoggedCell[],
): FigureReport | undefined {
  const curves = table.rows.flatMap(({ key, label }, k): Curve[] => {
    const name = cells.find((cell) => cell.table === table.id && cell.row === key && cell.column === "pt_loss")?.run;
    const run = authors.find(({ run }) => run === name);
    return run ? [{ label, look: LOOKS[k % LOOKS.length], run: run.run, loss: run.loss }] : [];
  });
  if (curves.length === 0) return undefined;
  const title = "Loss of pre-training in the author's logs";
  const caption =
    "Mean loss of each epoch as logged. The loss is a sum over the stages that are left, so after a drop it " +
    "cannot be compared with a run that keeps all four. Vertical lines: where our schedule of the released code drops them.";
  return figureReport({
    id: "logged-loss",
    title,
    caption,
    reading:
      "ViT-B on ImageNet-1K. Vertical lines: the number of the decoder that the schedule of the released code drops, " +
      "and, where there is room, the epoch.",
    of: "",
    tables: [table.id],
    draw: (canvas) => ({
      ...(canvas.narrow && { legend: curves.map(({ label, look }) => ({ label, look, kind: "line" as const })) }),
      panels: [{ left: 0, top: 0, options: plot(curves, schedule, canvas) }],
    }),
    csv: csvText(
      ["row", "run", "epoch", "loss"],
      curves.flatMap(({ label, run, loss }) => loss.map((value, epoch) => [label, run, epoch, value])),
    ),
  });
}

function plot(curves: Curve[], schedule: FreezeSchedule, { width, narrow }: Canvas): Plot.PlotOptions {
  const domain = niceDomain([0, ...curves.flatMap(({ loss }) => loss)]);
  const epochs = Math.max(...curves.map(({ loss }) => loss.length));
  const drops = layerPlan(schedule).stages.flatMap(({ stage, endEpoch }) =>
    endEpoch === null ? [] : [{ at: endEpoch, name: narrow ? String(stage) : `${stage}\n${fixed(endEpoch, 1)}` }]
  );
  const ends = curves.map(({ label, loss }) => ({
    x: epochs,
    y: loss[loss.length - 1],
    text: `${narrow ? "" : `${label}: `}${fixed(loss[loss.length - 1], 4)}`,
  }));
  return {
    width,
    height: HEIGHT,
    marginLeft: LEFT,
    marginRight: narrow ? 64 : 244,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: { domain: [0, epochs], label: "epoch", labelAnchor: "center", labelArrow: "none" },
    y: { domain, label: "loss", labelArrow: "none", labelOffset: LEFT - MARGIN, grid: true, ticks: 6 },
    marks: [
      Plot.ruleX(drops, { x: "at", stroke: COLOURS.grey, strokeDasharray: "2 3" }),
      Plot.text(drops, { x: "at", text: "name", frameAnchor: "top", lineAnchor: "bottom", dy: -4, fontSize: 12 }),
      ...curves.map(({ look: { colour, dash }, loss }) =>
        Plot.line(loss.map((value, epoch) => ({ epoch: epoch + 0.5, value })), {
          x: "epoch",
          y: "value",
          stroke: colour,
          strokeWidth: 1.8,
          strokeDasharray: dash,
        })
      ),
      ...endLabels(ends, { domain, height: HEIGHT - TOP - BOTTOM }),
    ],
  };
}
