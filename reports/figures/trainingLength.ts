import * as Plot from "@observablehq/plot";
import type { FigureReport } from "../model.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import type { Panel } from "./frame.ts";
import { niceDomain } from "./niceDomain.ts";
import { datasets, type Length, meansByLength, type Study, STUDY_TABLE } from "./study.ts";
import { besideNote, factorAxis, studyAxes, studyLegend, studyLines, type StudyPoint } from "./studyPlot.ts";
import { type Canvas, LOOKS } from "./theme.ts";

const NAMES: Record<Length, string> = { pre: "pre-training", fine: "fine-tuning" };
const PANEL_HEIGHT = 270, GAP = 10;

/**
 * Accuracy against fine-tuning or pre-training length (thesis figures 5 and 6), a panel per data set: means over the
 * other length as lines, the single accuracies as faint points.
 *
 * @param studies the published one first; the others are drawn with hollow markers
 */
export function trainingLengthFigure(figure: PublishedFigure, studies: Study[], length: Length): FigureReport {
  const other = NAMES[length === "pre" ? "fine" : "pre"];
  const caption = `Lines: mean over the ${other} lengths of Table 20. Faint: its single accuracies.${
    besideNote(studies)
  } Each panel has its own range.`;
  return figureReport({
    id: figure.id.replace(".", "-"),
    title: figure.title,
    caption,
    reading: "",
    of: figure.id,
    tables: [STUDY_TABLE],
    draw: (canvas) => ({
      legend: studyLegend(studies),
      panels: datasets(studies[0]).map((dataset, k) => panel(studies, dataset, length, k, canvas)),
    }),
    csv: csvText(
      ["source", "dataset", "setup", "pre_epochs", "fine_epochs", "top1"],
      studies.flatMap(({ label, cells }) =>
        cells.map(({ dataset, setup, pre, fine, top1 }) => [label, dataset, setup, pre, fine, top1])
      ),
    ),
  });
}

function panel(studies: Study[], dataset: string, length: Length, index: number, canvas: Canvas): Panel {
  const columns = canvas.narrow ? 1 : 2, width = canvas.width / columns;
  const series = studies.map((study) => ({
    study,
    means: meansByLength(study, dataset, length).map(({ epochs, ...mean }) => ({ ...mean, x: epochs })),
    single: study.cells.filter((cell) => cell.dataset === dataset)
      .map((cell) => ({ setup: cell.setup, x: cell[length], top1: cell.top1 })),
  }));
  const single = series.flatMap(({ single }) => single);
  return {
    left: (index % columns) * width,
    top: Math.floor(index / columns) * (PANEL_HEIGHT + GAP),
    options: {
      ...studyAxes(width, PANEL_HEIGHT, 28, niceDomain(single.map(({ top1 }) => top1))),
      marks: [
        factorAxis(`epochs of ${NAMES[length]}`, single),
        Plot.text([dataset], { frameAnchor: "top", dy: -22, fontSize: 14, fontWeight: "bold" }),
        ...series.flatMap(({ study, single }) => faint(study, single)),
        ...series.flatMap(({ study, means }, k) => studyLines(study, means, k > 0)),
      ],
    },
  };
}

/** Single accuracies beside their mean, each set-up a little aside so that equal ones do not hide each other. */
function faint({ setups }: Study, single: StudyPoint[]): Plot.Markish[] {
  return setups.map(({ key }, k) =>
    Plot.dot(single.filter(({ setup }) => setup === key), {
      x: "x",
      y: "top1",
      dx: (k - 1) * 9,
      r: 3,
      symbol: LOOKS[k].symbol,
      stroke: LOOKS[k].colour,
      strokeOpacity: 0.45,
    })
  );
}
