import type { FigureReport } from "../model.ts";
import { fixed } from "../format.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { endLabels } from "./labels.ts";
import { niceDomain } from "./niceDomain.ts";
import { meansByClasses, type Study, STUDY_TABLE } from "./study.ts";
import { besideLegend, besideNote, factorAxis, INSET, studyAxes, studyLegend, studyLines } from "./studyPlot.ts";
import type { Canvas } from "./theme.ts";

/**
 * Accuracy against the number of classes (thesis figure 4): the mean over all schedules of Table 20.
 *
 * @param studies the published one first; the others are drawn with hollow markers
 */
export function datasetSizeFigure(figure: PublishedFigure, studies: Study[]): FigureReport {
  const series = studies.map((study) => ({
    study,
    means: meansByClasses(study).map(({ classes, ...mean }) => ({ ...mean, x: classes })),
  }));
  const all = series.flatMap(({ means }) => means);
  const schedules = Math.max(...all.map(({ n }) => n));
  const caption = `Mean over the ${schedules} schedules of each data set in Table 20.${besideNote(studies)}`;
  return figureReport({
    id: figure.id.replace(".", "-"),
    title: figure.title,
    caption,
    reading: "",
    of: figure.id,
    tables: [STUDY_TABLE],
    draw: (canvas) => ({
      legend: canvas.narrow ? studyLegend(studies) : studies.length > 1 ? besideLegend(studies) : undefined,
      panels: [{ left: 0, top: 0, options: plot(series, canvas) }],
    }),
    csv: csvText(
      ["source", "setup", "classes", "mean_top1", "schedules"],
      series.flatMap(({ study, means }) => means.map(({ setup, x, top1, n }) => [study.label, setup, x, top1, n])),
    ),
  });
}

interface Series {
  study: Study;
  means: { setup: string; x: number; top1: number; n: number }[];
}

function plot(series: Series[], { width, narrow }: Canvas) {
  const all = series.flatMap(({ means }) => means);
  const axes = studyAxes(width, narrow ? 300 : 400, narrow ? 44 : 210, niceDomain(all.map(({ top1 }) => top1)));
  const height = axes.height - axes.marginTop - axes.marginBottom - 2 * INSET;
  const [{ study, means }] = series;
  const labels = study.setups.flatMap(({ key, label }) => {
    const last = means.findLast(({ setup }) => setup === key);
    return last ? [{ x: last.x, y: last.top1, text: `${narrow ? "" : `${label}: `}${fixed(last.top1, 1)}` }] : [];
  });
  return {
    ...axes,
    marks: [
      factorAxis("number of classes", all),
      ...series.flatMap(({ study, means }, k) => studyLines(study, means, k > 0)),
      ...endLabels(labels, { domain: axes.y.domain, height }),
    ],
  };
}
