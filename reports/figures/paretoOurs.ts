import type { FigureReport } from "../model.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import type { Panel } from "./frame.ts";
import type { LegendEntry } from "./legend.ts";
import { niceDomain } from "./niceDomain.ts";
import { seedsWanted } from "../judging/headlines.ts";
import { average, estimate } from "../judging/statistics.ts";
import { type Cost, costSentence, costTitle, meanCost } from "./ownCosts.ts";
import { byRow, type OwnScale, type RowNames, withTop1 } from "./ownRuns.ts";
import { hoursDomain, paretoFront } from "./pareto.ts";
import { sideBySide } from "./sideBySide.ts";
import { scatterPlot, type ScatterPoint } from "./scatter.ts";
import { type Canvas, COLOURS, type Look } from "./theme.ts";

/** Paired seeds that an answer about accuracies needs. */
const WANTED = seedsWanted("t17.2", true);

/** Looks of the rows of Table 17, in its order; a control has the colour of the row beside which it stands. */
const ROW_LOOKS: Look[] = [
  { colour: COLOURS.black, symbol: "circle" },
  { colour: COLOURS.vermilion, symbol: "triangle" },
  { colour: COLOURS.purple, symbol: "diamond" },
  { colour: COLOURS.blue, symbol: "square" },
];
/** Dashes of the rows from scratch, which follow each other among the rows. */
const DASHES = ["6 4", "2 3"];
const PANEL_HEIGHT = 380;
/** How far apart rows of nearly equal time stand, in parts of the axis. */
const GAP = 0.035;

/**
 * Time of pre-training against top-1 of our own runs, a panel per scale: means over seeds with their 95 % intervals and
 * their Pareto front, single seeds faint; rows from scratch as lines.
 *
 * @param table id of the table whose rows were run
 * @param scales at least one, each with a run that was fine-tuned
 */
export function paretoOursFigure(table: string, scales: OwnScale[]): FigureReport {
  const finished = scales.map(withTop1), [{ rows }] = finished;
  const title = costTitle(mostSeeds(scales)) ?? "Our runs: time of pre-training against top-1";
  const caption = scales.map((scale) => `${scale.id}: ${costSentence(scale)}`).join(" ");
  return figureReport({
    id: "pareto-ours",
    title,
    caption: `Seconds per epoch times epochs, HOG targets, steps and optimiser; means over seeds. ${caption}`,
    reading: `Filled: mean over the seeds of a row${
      finished.some((scale) => byRow(scale).some(({ runs }) => estimate(runs.map(({ top1 }) => top1)).half !== null))
        ? ", with its 95 % interval"
        : ""
    }. Rows of nearly equal time stand side by side.`,
    of: "",
    tables: [table],
    description: caption,
    draw: (canvas) => ({ legend: legend(rows, finished), panels: panels(finished, canvas) }),
    csv: csvText(
      ["scale", "row", "seed", "hours", "top1"],
      finished.flatMap(({ id, runs, levels }) => [
        ...runs.map(({ key, seed, hours, top1 }) => [id, key, seed, hours, top1]),
        ...levels.flatMap(({ key, top1 }) => top1.map((value, seed) => [id, key, seed, 0, value])),
      ]),
    ),
  });
}

type Finished = ReturnType<typeof withTop1>;

function legend(rows: RowNames[], finished: Finished[]): LegendEntry[] {
  const seeds = finished.flatMap((scale) => byRow(scale).map(({ runs }) => runs.length));
  const grey: Look = { colour: COLOURS.grey, symbol: "circle" };
  return [
    ...rows.flatMap(({ key }): LegendEntry[] => {
      // A control's name tells the epochs that it has at the scale.
      const own = finished.filter(({ runs }) => runs.some((run) => run.key === key));
      const labels = new Set(own.map((scale) => scale.rows.find((row) => row.key === key)!.label));
      return labels.size === 0 ? [] : [{ label: [...labels].join(", "), look: rowLook(rows, key), kind: "dot" }];
    }),
    ...seeds.some((n) => n > 1)
      ? [{ label: "outlined: single seeds", look: grey, kind: "dot", hollow: true } as const]
      : [],
    ...[
      ...new Map(
        finished.flatMap(({ levels }) => levels.map(({ key, label }) => [label, levelLook(rows, key)] as const)),
      ),
    ]
      .map(([label, look]): LegendEntry => ({ label, look, kind: "line" })),
    { label: "Pareto front of the means", look: grey, kind: "line" },
  ];
}

function panels(finished: Finished[], canvas: Canvas): Panel[] {
  const columns = finished.length === 1 || canvas.narrow ? 1 : 2, width = canvas.width / columns;
  return finished.map((scale, k) => ({
    left: (k % columns) * width,
    top: Math.floor(k / columns) * PANEL_HEIGHT,
    options: plot(scale, width),
  }));
}

function plot(scale: Finished, width: number) {
  const groups = byRow(scale).map(({ key, runs }) => ({ look: rowLook(scale.rows, key), runs, mean: meanCost(runs) }));
  const all = groups.flatMap(({ runs, mean }): Cost[] => [...runs, mean]);
  const minutes = Math.max(...all.map(({ hours }) => hours)) < 1, unit = minutes ? 60 : 1;
  const xDomain = hoursDomain(all.map(({ hours }) => ({ hours: hours * unit }))), gap = GAP * (xDomain[1] - xDomain[0]);
  const centres = groups.map(({ mean }) => mean.hours * unit), drawn = sideBySide(centres, gap);
  const point = ({ hours, top1 }: Cost, k: number, hollow: boolean): ScatterPoint => ({
    x: hours * unit + drawn[k] - centres[k],
    y: top1,
    name: "",
    look: groups[k].look,
    hollow,
  });
  const means = groups.map(({ mean, runs }, k) => {
    const { half } = estimate(runs.map(({ top1 }) => top1));
    return { ...point(mean, k, false), ...(half !== null && { half }) };
  });
  const singles = groups.flatMap(({ runs }, k) => runs.length < 2 ? [] : runs.map((run) => point(run, k, true)));
  const points = [...singles, ...means];
  const levels = scale.levels.map(({ key, top1 }) => ({ y: average(top1), look: levelLook(scale.rows, key) }));
  const ends = points.flatMap(({ y, half = 0 }) => [y - half, y + half]);
  return scatterPlot({
    width,
    height: PANEL_HEIGHT,
    heading: `${scale.id}, ${seeds(groups.map(({ runs }) => runs.length))}`,
    xLabel: `pre-training, ${minutes ? "minutes" : "hours"}`,
    yLabel: "top-1, %",
    xDomain,
    yDomain: niceDomain([...all.map(({ top1 }) => top1), ...ends, ...levels.map(({ y }) => y)]),
    levels,
    points,
    links: [],
    front: paretoFront(groups.map(({ mean }, k) => ({ ...mean, k }))).map(({ k }) => means[k]),
  });
}

function rowLook(rows: RowNames[], key: string): Look {
  const { like } = rows.find((row) => row.key === key)!, printed = rows.filter((row) => row.like === undefined);
  const look = ROW_LOOKS[printed.findIndex((row) => row.key === (like ?? key)) % ROW_LOOKS.length];
  return like === undefined ? look : { ...look, symbol: "cross" };
}

/** Of a row from scratch: the same at every scale. */
function levelLook(rows: RowNames[], key: string): Look {
  const k = rows.findIndex((row) => row.key === key);
  return { colour: COLOURS.green, dash: DASHES[k % DASHES.length], symbol: "circle" };
}

/** The first scale whose baseline has the seeds that answers want, else the first of those with most. */
function mostSeeds(scales: OwnScale[]): OwnScale {
  const count = ({ runs, baseline }: OwnScale) => Math.min(WANTED, runs.filter(({ key }) => key === baseline).length);
  return scales.reduce((most, one) => count(one) > count(most) ? one : most);
}

/** How many seeds the rows have: "1 seed a row", "1 to 3 seeds a row". */
function seeds(counts: number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `${least === most ? most : `${least} to ${most}`} ${most === 1 ? "seed" : "seeds"} a row`;
}
