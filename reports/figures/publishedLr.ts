import { layerName } from "../../core/schedules/layerPlan.ts";
import type { FigureReport } from "../model.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { lrPanel, lrReading } from "./lrCurves.ts";
import { curvePoints } from "./lrPoints.ts";
import { publishedSchedule } from "./publishedSchedule.ts";
import { alsoPrintedAs } from "./names.ts";

/** A run of 100 epochs, so that an epoch is a percent of training; the base rate is 100 % as well. */
const PERCENT = 100;

/**
 * The learning rate of each layer with the axes of the print: percent of training, percent of the base rate (thesis
 * figures 2 and 3). A layer warms up to its own rate and t_i counts over the whole run, as drawn there.
 *
 * @param twins ids of published figures with the same content
 */
export function publishedLrFigure(figure: PublishedFigure, twins: string[]): FigureReport {
  const schedule = publishedSchedule(figure, PERCENT, "paper");
  const { layers, t0, warmupEpochs } = schedule;
  const warmup = warmupEpochs === 0 ? "no warm-up" : `${warmupEpochs} % linear warm-up`;
  const points = curvePoints(schedule).map((
    { layer, epoch, rate },
  ) => [layer, layerName(layer), epoch, rate * PERCENT]);
  const caption = `The learning rates of ${layers} layers computed by our schedule with the printed parameters: ` +
    `cubic, t0 = ${t0}, ${warmup}. ${alsoPrintedAs(figure.id, twins)}`;
  const axes = { x: "% of training", y: "learning rate, % of the base rate", base: PERCENT };
  return figureReport({
    id: figure.id.replace(".", "-"),
    title: figure.title,
    caption: caption.trim(),
    reading: lrReading(schedule),
    of: figure.id,
    tables: [],
    draw: (canvas) => ({ panels: [lrPanel(schedule, axes, canvas)] }),
    csv: csvText(["layer", "name", "percent_of_training", "percent_of_base_rate"], points),
  });
}
