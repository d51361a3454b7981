import type { FigureReport } from "../model.ts";
import { fixed } from "../format.ts";
import type { LoggedCell } from "../sources/authors.ts";
import type { SeedBand } from "../sources/claimSchema.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import type { LegendEntry } from "./legend.ts";
import { niceDomain } from "./niceDomain.ts";
import { type CostPoint, hoursDomain, paretoFront, stoppingSentence } from "./pareto.ts";
import { loggedPoints, printedPoints } from "./publishedPoints.ts";
import { scatterPlot, type ScatterPoint } from "./scatter.ts";
import { differenceBand, pointBand } from "./seedBand.ts";
import { type Canvas, COLOURS, type Look } from "./theme.ts";

const FREEZES: Look = { colour: COLOURS.vermilion, symbol: "triangle" };
const STOPS: Look = { colour: COLOURS.black, symbol: "circle" };
const BASELINE = "LocalMIM";

/**
 * Hours of pre-training against top-1 on ImageNet-1K: freezing beside stopping early, printed and logged (thesis Tables
 * 11 and 17). The title is read off the printed points: "better" is more than reruns scatter, else it is "no worse".
 *
 * @param table11 LocalMIM at several lengths, and ViTFreeze
 * @param table17 adds the rows that Table 11 lacks
 * @param seeds how far reruns of one model scatter
 */
export function paretoPublishedFigure(
  table11: PublishedTable,
  table17: PublishedTable,
  cells: LoggedCell[],
  seeds: SeedBand,
): FigureReport {
  const band = differenceBand(seeds);
  const printed = printedPoints(table11, table17);
  const logged = loggedPoints(printed, cells.filter(({ table }) => table === table11.id));
  const front = paretoFront(printed);
  const title = stoppingSentence(printed, BASELINE, band);
  const caption =
    "Hours of pre-training and top-1 after fine-tuning, one run each, as printed in Tables 11 and 17 of the thesis, and " +
    `as in the author's logs. The stopped runs are checkpoints of one run of 100 epochs. From the logs alone: ` +
    `${stoppingSentence(logged, BASELINE, band)}. ` +
    bandWords(seeds);
  return figureReport({
    id: "pareto-published",
    title,
    caption,
    reading:
      `ViT-B on ImageNet-1K. Bars reach ±${fixed(pointBand(seeds), 2)} points: where two overlap, one run each ` +
      "does not tell the accuracies apart.",
    of: "",
    tables: [table11.id, table17.id],
    description: `${caption} On the front: ${
      front.map(({ name, hours, top1 }) => `${name} ${hours} h ${top1} %`).join("; ")
    }.`,
    draw: (canvas) => ({
      legend: legend(logged.length > 0),
      panels: [{ left: 0, top: 0, options: plot({ printed, logged, front, half: pointBand(seeds) }, canvas) }],
    }),
    csv: csvText(
      ["source", "row", "name", "freezes", "hours", "top1", "on_front"],
      [...printed.map((point) => ["printed", point] as const), ...logged.map((point) => ["logged", point] as const)]
        .map(([source, point]) => {
          const { key, name, freezes, hours, top1 } = point;
          return [source, key, name, freezes ? "yes" : "no", hours, top1, front.includes(point) ? "yes" : "no"];
        }),
    ),
  });
}

function bandWords(seeds: SeedBand): string {
  const { model, dataset, reruns, sd, source } = seeds;
  return `"Better" is a difference beyond ±${
    fixed(differenceBand(seeds), 2)
  } points, the 95 % band of the difference ` +
    `of two single runs; "no worse" is one within it. It rests on ${reruns} reruns of ${model} on ${dataset}, whose ` +
    `standard deviation is ${sd} (${source}). That a run is cheaper needs no band.`;
}

function legend(isLogged: boolean): LegendEntry[] {
  const front: Look = { colour: COLOURS.grey, symbol: "circle" };
  return [
    { label: `${BASELINE}, stopped early or not`, look: STOPS, kind: "dot" },
    { label: "with freezing", look: FREEZES, kind: "dot" },
    ...isLogged
      ? [
        {
          label: "outlined: in the author's logs",
          look: { ...STOPS, colour: COLOURS.grey },
          kind: "dot",
          hollow: true,
        } as const,
      ]
      : [],
    { label: "Pareto front of the print", look: front, kind: "line" },
  ];
}

/** What is drawn: points, and the half-length of the bars through the printed ones. */
interface Points {
  printed: CostPoint[];
  logged: CostPoint[];
  front: CostPoint[];
  half: number;
}

function plot({ printed, logged, front, half }: Points, { width, narrow }: Canvas) {
  const all = [...printed, ...logged];
  const point = ({ name, freezes, hours, top1 }: CostPoint, hollow: boolean): ScatterPoint => ({
    x: hours,
    y: top1,
    name: hollow ? "" : name,
    look: freezes ? FREEZES : STOPS,
    hollow,
    ...(!hollow && { half }),
  });
  const place = ({ hours, top1 }: CostPoint) => ({ x: hours, y: top1 });
  return scatterPlot({
    width,
    height: narrow ? 400 : 440,
    xLabel: "pre-training, hours on one V100",
    yLabel: "top-1, %",
    xDomain: hoursDomain(all),
    yDomain: niceDomain(
      [...all, ...printed.flatMap(({ top1 }) => [{ top1: top1 - half }, { top1: top1 + half }])].map(({ top1 }) =>
        top1
      ),
    ),
    points: [...logged.map((one) => point(one, true)), ...printed.map((one) => point(one, false))],
    links: logged.map((one) => ({
      from: place(printed.find(({ key }) => key === one.key)!),
      to: place(one),
      arrow: false,
    })),
    front: front.map(place),
  });
}
