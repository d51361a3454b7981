import type { FigureReport } from "../model.ts";
import { csvText } from "./csv.ts";
import { figureSvg, type Panel } from "./frame.ts";
import { niceDomain } from "./niceDomain.ts";
import { type Cost, costSentence, costTitle, meanCost } from "./ownCosts.ts";
import { byRow, type OwnScale, type RowNames, withTop1 } from "./ownRuns.ts";
import { hoursDomain, paretoFront } from "./pareto.ts";
import { scatterPlot, type ScatterPoint } from "./scatter.ts";
import { COLOURS, type Look, WIDTH } from "./theme.ts";

/** Looks of the rows of Table 17, in its order. */
const ROW_LOOKS: Look[] = [
  { colour: COLOURS.black, symbol: "circle" },
  { colour: COLOURS.vermilion, symbol: "triangle" },
  { colour: COLOURS.purple, symbol: "diamond" },
  { colour: COLOURS.blue, symbol: "square" },
];
const PANEL_HEIGHT = 380;

/**
 * Time of pre-training against top-1 of our own runs, a panel per scale: means over seeds with their Pareto front, single
 * seeds faint.
 *
 * @param scales at least one, each with a run that was fine-tuned
 */
export function paretoOursFigure(scales: OwnScale[]): FigureReport {
  const finished = scales.map(withTop1), [{ rows }] = finished;
  const title = costTitle(scales[0]) ?? "Our runs: time of pre-training against top-1";
  const caption = scales.map((scale) => `${scale.id}: ${costSentence(scale)}`).join(" ");
  const width = scales.length === 1 ? WIDTH : WIDTH / 2;
  return {
    id: "pareto-ours",
    title,
    caption: `Seconds per epoch times epochs, HOG targets, steps and optimiser; means over seeds. ${caption}`,
    of: "",
    svg: figureSvg({
      title,
      subtitle:
        "Filled: mean over the seeds of a row; outlined: single seeds, where there are several. Grey: Pareto front " +
        "of the means.",
      description: caption,
      legend: rows.filter(({ key }) => finished.some(({ runs }) => runs.some((run) => run.key === key)))
        .map(({ key, label }) => ({ label, look: rowLook(rows, key), kind: "dot" })),
      panels: finished.map((scale, k): Panel => ({
        left: (k % 2) * width,
        top: Math.floor(k / 2) * PANEL_HEIGHT,
        options: plot(scale, width),
      })),
    }),
    csv: csvText(
      ["scale", "row", "seed", "hours", "top1"],
      finished.flatMap(({ id, runs }) => runs.map(({ key, seed, hours, top1 }) => [id, key, seed, hours, top1])),
    ),
  };
}

function plot(scale: ReturnType<typeof withTop1>, width: number) {
  const groups = byRow(scale).map(({ key, runs }) => ({ look: rowLook(scale.rows, key), runs, mean: meanCost(runs) }));
  const all = groups.flatMap(({ runs, mean }): Cost[] => [...runs, mean]);
  const minutes = Math.max(...all.map(({ hours }) => hours)) < 1, unit = minutes ? 60 : 1;
  const place = ({ hours, top1 }: Cost) => ({ x: hours * unit, y: top1 });
  const point = (cost: Cost, look: Look, hollow: boolean): ScatterPoint => ({ ...place(cost), name: "", look, hollow });
  const points = [
    ...groups.flatMap(({ look, runs }) => runs.length < 2 ? [] : runs.map((run) => point(run, look, true))),
    ...groups.map(({ look, mean }) => point(mean, look, false)),
  ];
  return scatterPlot({
    width,
    height: PANEL_HEIGHT,
    heading: `${scale.id}, ${seeds(groups.map(({ runs }) => runs.length))}`,
    xLabel: `pre-training, ${minutes ? "minutes" : "hours"}`,
    yLabel: "top-1, %",
    xDomain: hoursDomain(all.map(({ hours }) => ({ hours: hours * unit }))),
    yDomain: niceDomain(all.map(({ top1 }) => top1)),
    points,
    links: [],
    front: paretoFront(groups.map(({ mean }) => mean)).map(place),
  });
}

function rowLook(rows: RowNames[], key: string): Look {
  return ROW_LOOKS[rows.findIndex((row) => row.key === key) % ROW_LOOKS.length];
}

/** How many seeds the rows have: "1 seed a row", "1 to 3 seeds a row". */
function seeds(counts: number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `${least === most ? most : `${least} to ${most}`} ${most === 1 ? "seed" : "seeds"} a row`;
}
