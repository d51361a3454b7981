import * as Plot from "@observablehq/plot";
import type { FigureReport } from "../model.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureSvg, type Panel } from "./frame.ts";
import { printedName } from "./names.ts";
import { niceDomain } from "./niceDomain.ts";
import { datasets, type Length, meansByLength, type Study } from "./study.ts";
import { besideNote, factorAxis, studyAxes, studyLegend, studyLines, type StudyPoint } from "./studyPlot.ts";
import { LOOKS, WIDTH } from "./theme.ts";

const NAMES: Record<Length, string> = { pre: "pre-training", fine: "fine-tuning" };
const PANEL_WIDTH = WIDTH / 2, PANEL_HEIGHT = 270;

/**
 * Accuracy against fine-tuning or pre-training length (thesis figures 5 and 6), a panel per data set: means over the
 * other length as lines, the single accuracies as faint points.
 *
 * @param studies the published one first; the others are drawn with hollow markers
 */
export function trainingLengthFigure(figure: PublishedFigure, studies: Study[], length: Length): FigureReport {
  const other = NAMES[length === "pre" ? "fine" : "pre"];
  const subtitle = `Lines: mean over the ${other} lengths of Table 20. Faint: its single accuracies.${
    besideNote(studies)
  }`;
  return {
    id: figure.id.replace(".", "-"),
    title: figure.title,
    caption: subtitle,
    of: figure.id,
    svg: figureSvg({
      title: `${printedName(figure.id)}. ${figure.title}`,
      subtitle: `${subtitle} Each panel has its own range.`,
      description: subtitle,
      legend: studyLegend(studies),
      panels: datasets(studies[0]).map((dataset, k) => panel(studies, dataset, length, k)),
    }),
    csv: csvText(
      ["source", "dataset", "setup", "pre_epochs", "fine_epochs", "top1"],
      studies.flatMap(({ label, cells }) =>
        cells.map(({ dataset, setup, pre, fine, top1 }) => [label, dataset, setup, pre, fine, top1])
      ),
    ),
  };
}

function panel(studies: Study[], dataset: string, length: Length, index: number): Panel {
  const series = studies.map((study) => ({
    study,
    means: meansByLength(study, dataset, length).map(({ epochs, ...mean }) => ({ ...mean, x: epochs })),
    single: study.cells.filter((cell) => cell.dataset === dataset)
      .map((cell) => ({ setup: cell.setup, x: cell[length], top1: cell.top1 })),
  }));
  const single = series.flatMap(({ single }) => single);
  return {
    left: (index % 2) * PANEL_WIDTH,
    top: Math.floor(index / 2) * PANEL_HEIGHT,
    options: {
      ...studyAxes(PANEL_WIDTH, PANEL_HEIGHT, 28, niceDomain(single.map(({ top1 }) => top1))),
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
