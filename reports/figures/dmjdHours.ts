import type { FigureReport } from "../model.ts";
import { fixed, signed } from "../format.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { printedName } from "./names.ts";
import { niceDomain } from "./niceDomain.ts";
import { scatterPlot, type ScatterPoint } from "./scatter.ts";
import { COLOURS, type Look } from "./theme.ts";

/** A method of DMJD's Table III or VI whose hours are printed. */
interface Method {
  key: string;
  name: string;
  backbone: string;
  hours: number;
  /** Fine-tuning top-1, percent. */
  top1: number;
}

/** A method without and with the addition. */
interface Pair {
  before: Method;
  after: Method;
}

/** Colours and shapes of backbones in the order in which a table names them. */
const BACKBONES: Look[] = [
  { colour: COLOURS.blue, symbol: "circle" },
  { colour: COLOURS.vermilion, symbol: "square" },
  { colour: COLOURS.black, symbol: "diamond" },
];

/**
 * Hours against fine-tuning accuracy with arrows from each method to the same method with DM (DMJD Table III) or DMJD
 * (Table VI). Rows without printed hours are left out.
 *
 * @param suffix what a row's key has behind its baseline's key: "dm" or "dmjd"
 */
export function dmjdHoursFigure(table: PublishedTable, suffix: string): FigureReport {
  const all = methods(table);
  const pairs = all.flatMap((after): Pair[] => {
    const before = all.find(({ key }) => `${key}_${suffix}` === after.key);
    return before ? [{ before, after }] : [];
  });
  const addition = suffix.toUpperCase();
  const title = `${printedName(table.id)}. ${sentence(pairs, addition)}`;
  const backbones = [...new Set(all.map(({ backbone }) => backbone))];
  const look = ({ backbone }: Method) => BACKBONES[backbones.indexOf(backbone) % BACKBONES.length];
  const after = new Map(pairs.map((pair) => [pair.after.key, pair]));
  const points = all.map((method): ScatterPoint => {
    const pair = after.get(method.key);
    return {
      x: method.hours,
      y: method.top1,
      name: pair ? `${fixed(pair.before.hours / pair.after.hours, 1)}×` : method.name,
      look: look(method),
      hollow: pair === undefined,
    };
  });
  const caption =
    `Printed hours of pre-training (${table.recipe.hardware}) and fine-tuning top-1; ${all.length} of ${table.rows.length} rows ` +
    "have hours.";
  const outlined = {
    label: `outlined: without ${addition}`,
    look: { colour: COLOURS.grey, symbol: "circle" },
  } as const;
  return figureReport({
    id: `${table.id.replace(".", "-")}-hours`,
    title,
    caption,
    reading: `Filled: with ${addition}, and how many times fewer hours. ${table.dataset.replace(/[,(].*/, "").trim()}.`,
    of: "",
    tables: [table.id],
    draw: ({ width, narrow }) => ({
      legend: [
        ...backbones.map((label, k) => ({ label, look: BACKBONES[k % BACKBONES.length], kind: "dot" as const })),
        { ...outlined, kind: "dot", hollow: true },
      ],
      panels: [{
        left: 0,
        top: 0,
        options: scatterPlot({
          width,
          height: narrow ? 460 : 440,
          xLabel: narrow ? "hours of pre-training" : `hours of pre-training (${table.recipe.hardware})`,
          yLabel: "fine-tuning top-1, %",
          xDomain: [0, niceDomain(points.map(({ x }) => x))[1]],
          yDomain: niceDomain(points.map(({ y }) => y)),
          points,
          links: pairs.map(({ before, after }) => ({
            from: { x: before.hours, y: before.top1 },
            to: { x: after.hours, y: after.top1 },
            arrow: true,
          })),
          front: [],
        }),
      }],
    }),
    csv: csvText(
      ["row", "name", "backbone", "hours", "top1"],
      all.map(({ key, name, backbone, hours, top1 }) => [key, name, backbone, hours, top1]),
    ),
  });
}

function methods({ rows }: PublishedTable): Method[] {
  return rows.flatMap(({ key, label, values: { gpu_hours: hours, ft: top1, backbone } }) =>
    typeof hours === "number" && typeof top1 === "number"
      ? [{ key, name: label.replace(/ \[\d+\]| \(.*\)/g, ""), backbone: String(backbone), hours, top1 }]
      : []
  );
}

function sentence(pairs: Pair[], addition: string): string {
  const saved = pairs.map(({ before, after }) => before.hours / after.hours);
  const gained = pairs.map(({ before, after }) => after.top1 - before.top1);
  const [least, most] = [Math.min(...saved), Math.max(...saved)].map((times) => fixed(times, 1));
  const [worst, best] = [Math.min(...gained), Math.max(...gained)].map((points) => signed(points, 1));
  return `With ${addition} the hours fall ${least} to ${most} times, top-1 changes by ${worst} to ${best} points`;
}
