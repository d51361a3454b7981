import * as Plot from "@observablehq/plot";
import { average } from "../judging/statistics.ts";
import type { FigureReport } from "../model.ts";
import type { MeasuredTable } from "../tables/measured.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import { niceDomain } from "./niceDomain.ts";
import { type Canvas, COLOURS, type Look, MARGIN } from "./theme.ts";

/** The error of held-out images after every epoch, mean over seeds. */
interface Curve {
  row: string;
  optimizer: string;
  freezing: string;
  seeds: number;
  errors: number[];
}

/** Optimisers, a panel each, and settings of FreezeOut, a look each, by the parts of a row's name (thesis Table 10). */
const PANELS = { sgd: "SGD", sgdstar: "SGD*", adamw: "AdamW" };
const LOOKS: Record<string, { label: string; look: Look }> = {
  nofo: { label: "no FreezeOut", look: { colour: COLOURS.black, symbol: "circle" } },
  fo_scaled: {
    label: "FreezeOut, rates scaled",
    look: { colour: COLOURS.vermilion, dash: "7 4", symbol: "triangle" },
  },
  fo_unscaled: { label: "FreezeOut, not scaled", look: { colour: COLOURS.blue, dash: "2 3", symbol: "square" } },
};
const HEIGHT = 300, LEFT = 52, TOP = 34, BOTTOM = 46;

/** The error over the epochs of the nine runs of a table, at a scale; nothing where none of them was validated. */
export function errorCurvesFigure(measured: MeasuredTable): FigureReport | undefined {
  const curves = curvesOf(measured), { table, scale } = measured;
  if (curves.length === 0) return undefined;
  const seeds = Math.max(...curves.map(({ seeds }) => seeds)),
    panels = Object.keys(PANELS).filter((name) => curves.some(({ optimizer }) => optimizer === name));
  return figureReport({
    id: `error-curves-${scale.id}`,
    title: `Error over the epochs (${scale.id}${seeds === 1 ? ", one seed" : `, mean of ${seeds} seeds`})`,
    caption:
      "Error of the images held out, after every epoch, by optimiser and setting of FreezeOut. SGD* is SGD with AdamW's " +
      "rate and weight decay. The panels' axes differ.",
    reading: "",
    of: "",
    tables: [table.id],
    draw: (canvas) => ({
      legend: Object.values(LOOKS).map(({ label, look }) => ({ label, look, kind: "line" as const })),
      panels: panels.map((name, k) => {
        const width = canvas.narrow ? canvas.width : Math.floor(canvas.width / panels.length);
        return {
          left: canvas.narrow ? 0 : k * width,
          top: canvas.narrow ? k * HEIGHT : 0,
          options: plot(name, curves.filter(({ optimizer }) => optimizer === name), { ...canvas, width }),
        };
      }),
    }),
    csv: csvText(
      ["row", "seeds", "epoch", "error"],
      curves.flatMap(({ row, seeds, errors }) => errors.map((error, epoch) => [row, seeds, epoch + 1, error])),
    ),
  });
}

/** The printed rows that were run, with the mean of their seeds. */
function curvesOf({ table, scale }: MeasuredTable): Curve[] {
  const runs = scale.runs.get(table.id) ?? [];
  return table.rows.flatMap(({ key }): Curve[] => {
    const [, optimizer, freezing] = /^([a-z]+)_(.*)$/.exec(key) ?? [];
    if (!(optimizer in PANELS) || !(freezing in LOOKS)) return [];
    const all = runs.filter(({ row }) => row === key).flatMap(({ phases }) => {
      const found = phases.flatMap((phase) => (scale.records.get(phase.key) ?? []).slice(0, 1));
      return found.map(({ record: { epochs } }) => epochs.map(({ metrics }) => 100 - (metrics?.top1 ?? NaN)));
    }).filter((errors) => errors.length > 0 && errors.every(Number.isFinite));
    if (all.length === 0) return [];
    const errors = all[0].map((_, epoch) => average(all.map((each) => each[epoch])));
    return [{ row: key, optimizer, freezing, seeds: all.length, errors }];
  });
}

function plot(name: string, curves: Curve[], { width }: Canvas): Plot.PlotOptions & { height: number } {
  const domain = niceDomain(curves.flatMap(({ errors }) => errors));
  return {
    width,
    height: HEIGHT,
    marginLeft: LEFT,
    marginRight: 14,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: {
      domain: [1, Math.max(2, ...curves.map(({ errors }) => errors.length))],
      label: "epoch",
      labelAnchor: "center",
      labelArrow: "none",
      ticks: 5,
    },
    y: {
      domain,
      label: `${PANELS[name as keyof typeof PANELS]}: error, %`,
      labelArrow: "none",
      labelOffset: LEFT - MARGIN,
      grid: true,
      ticks: 6,
    },
    marks: curves.map(({ freezing, errors }) =>
      Plot.line(errors.map((error, epoch) => ({ epoch: epoch + 1, error })), {
        x: "epoch",
        y: "error",
        stroke: LOOKS[freezing].look.colour,
        strokeDasharray: LOOKS[freezing].look.dash,
        strokeWidth: 1.8,
      })
    ),
  };
}
