import type { FigureReport } from "../model.ts";
import type { LoggedCell } from "../sources/authors.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureSvg } from "./frame.ts";
import { niceDomain } from "./niceDomain.ts";
import { type CostPoint, hoursDomain, paretoFront, stoppingSentence } from "./pareto.ts";
import { scatterPlot, type ScatterPoint } from "./scatter.ts";
import { COLOURS, type Look, WIDTH } from "./theme.ts";

const FREEZES: Look = { colour: COLOURS.vermilion, symbol: "triangle" };
const STOPS: Look = { colour: COLOURS.black, symbol: "circle" };
const BASELINE = "LocalMIM";

/**
 * Hours of pre-training against top-1 on ImageNet-1K: freezing beside stopping early, printed and logged (thesis Tables
 * 11 and 17). The title is read off the printed points.
 *
 * @param table11 LocalMIM at several lengths, and ViTFreeze
 * @param table17 adds the rows that Table 11 lacks
 */
export function paretoPublishedFigure(
  table11: PublishedTable,
  table17: PublishedTable,
  cells: LoggedCell[],
): FigureReport {
  const printed = [...table11Points(table11), ...table17Points(table11, table17)];
  const logged = loggedPoints(printed, table11.id, cells);
  const front = paretoFront(printed);
  const title = stoppingSentence(printed, BASELINE);
  const caption =
    "Hours of pre-training and top-1 after fine-tuning, one run each, as printed in Tables 11 and 17 of the thesis, and " +
    `as in the author's logs. The stopped runs are checkpoints of one run of 100 epochs. From the logs alone: ` +
    `${stoppingSentence(logged, BASELINE)}.`;
  return {
    id: "pareto-published",
    title,
    caption,
    of: "",
    svg: figureSvg({
      title,
      subtitle:
        "ViT-B on ImageNet-1K, printed (filled) and in the author's logs (outlined). Grey: the Pareto front of " +
        "the printed points.",
      description: `${caption} On the front: ${
        front.map(({ name, hours, top1 }) => `${name} ${hours} h ${top1} %`).join("; ")
      }.`,
      legend: [
        { label: `${BASELINE}, stopped early or not`, look: STOPS, kind: "dot" },
        { label: "with freezing", look: FREEZES, kind: "dot" },
      ],
      panels: [{ left: 0, top: 0, options: plot(printed, logged, front) }],
    }),
    csv: csvText(
      ["source", "row", "name", "freezes", "hours", "top1", "on_front"],
      [...printed.map((point) => ["printed", point] as const), ...logged.map((point) => ["logged", point] as const)]
        .map(([source, point]) => {
          const { key, name, freezes, hours, top1 } = point;
          return [source, key, name, freezes ? "yes" : "no", hours, top1, front.includes(point) ? "yes" : "no"];
        }),
    ),
  };
}

function plot(printed: CostPoint[], logged: CostPoint[], front: CostPoint[]) {
  const all = [...printed, ...logged];
  const point = ({ name, freezes, hours, top1 }: CostPoint, hollow: boolean): ScatterPoint => ({
    x: hours,
    y: top1,
    name: hollow ? "" : name,
    look: freezes ? FREEZES : STOPS,
    hollow,
  });
  const place = ({ hours, top1 }: CostPoint) => ({ x: hours, y: top1 });
  return scatterPlot({
    width: WIDTH,
    height: 440,
    xLabel: "pre-training, hours on one V100",
    yLabel: "top-1, %",
    xDomain: hoursDomain(all),
    yDomain: niceDomain(all.map(({ top1 }) => top1)),
    points: [...logged.map((one) => point(one, true)), ...printed.map((one) => point(one, false))],
    links: logged.map((one) => ({
      from: place(printed.find(({ key }) => key === one.key)!),
      to: place(one),
      arrow: false,
    })),
    front: front.map(place),
  });
}

function table11Points({ rows }: PublishedTable): CostPoint[] {
  return rows.map(({ key, label, values }) => {
    const freezes = !key.startsWith("localmim");
    const name = freezes ? label : `${values.pt_epochs} epochs`;
    return { key, name, freezes, hours: Number(values.total_hours), top1: Number(values.top1) };
  });
}

/** Rows of Table 17 that Table 11 lacks; their hours are those of an epoch times the epochs of the recipe. */
function table17Points({ rows: known }: PublishedTable, { rows, recipe }: PublishedTable): CostPoint[] {
  const absent = rows.filter(({ key }) => key !== "localmim" && !known.some((row) => row.key === key));
  return absent.map(({ key, label, values }) => ({
    key,
    name: label,
    freezes: true,
    hours: Number(values.gpu_hours) * Number(recipe.pretrain_epochs),
    top1: Number(values.top1),
  }));
}

/** The printed points that the logs tell as well, with the logs' values. */
function loggedPoints(printed: CostPoint[], table: string, cells: LoggedCell[]): CostPoint[] {
  return printed.flatMap((point) => {
    const value = (column: string) =>
      cells.find((cell) => cell.table === table && cell.row === point.key && cell.column === column)?.value;
    const hours = value("total_hours"), top1 = value("top1");
    return hours === undefined || top1 === undefined ? [] : [{ ...point, hours, top1 }];
  });
}
