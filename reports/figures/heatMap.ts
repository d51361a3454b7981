import * as Plot from "@observablehq/plot";
import type { FigureReport } from "../model.ts";
import { fixed } from "../format.ts";
import type { PublishedFigure } from "../sources/publishedSchema.ts";
import { csvText } from "./csv.ts";
import { figureReport } from "./figureReport.ts";
import type { Panel } from "./frame.ts";
import { datasets, ratios, type Study, STUDY_TABLE } from "./study.ts";
import { besideNote } from "./studyPlot.ts";
import type { Canvas } from "./theme.ts";

/** Column keys of Table 20: whose accuracy is divided by whose. */
export interface Pair {
  numerator: string;
  denominator: string;
}

/** The pairs of thesis figures 7, 8 and 9. */
export const PAIRS: Record<string, Pair> = {
  "thesis.figure07": { numerator: "acc_t08_srlr", denominator: "acc_t08" },
  "thesis.figure08": { numerator: "acc_t08_srlr", denominator: "acc_t10" },
  "thesis.figure09": { numerator: "acc_t08", denominator: "acc_t10" },
};

/** A ratio of two accuracies of one study. */
interface Cell {
  dataset: string;
  pre: number;
  fine: number;
  ratio: number;
}

const GAP = 16, PANEL_HEIGHT = 216;
/** Beyond this share of the scale cells are so dark that their text is white. */
const DARK = 0.7;

/**
 * Ratios of the accuracies of two set-ups of Table 20 as heat maps, one per data set (thesis figures 7, 8, 9). Colours
 * mean the same in all three figures.
 *
 * @param studies the published one first; the ratio of a second one stands below it in the cell
 */
export function heatMapFigure(figure: PublishedFigure, studies: Study[]): FigureReport {
  const pair = PAIRS[figure.id];
  const [published, ...others] = studies.map((study) => ({
    label: study.label,
    cells: ratios(study, pair.numerator, pair.denominator),
  }));
  const [above, below] = [pair.numerator, pair.denominator].map((key) => setupLabel(studies[0], key));
  const furthest = Math.max(
    ...Object.values(PAIRS).flatMap((one) =>
      ratios(studies[0], one.numerator, one.denominator).map(({ ratio }) => Math.abs(Math.log(ratio)))
    ),
  );
  const caption = "Computed from Table 20.";
  const better = published.cells.filter(({ ratio }) => ratio > 1).length;
  const note = besideNote(studies, "Second line of a cell");
  return figureReport({
    id: figure.id.replace(".", "-"),
    title: figure.title,
    caption: `${caption} ${better} of ${published.cells.length} printed ratios are above 1.`,
    reading:
      `Top-1 of "${above}" divided by top-1 of "${below}". ▲ and purple: the first is better; ▼ and orange: the ` +
      `second is.${note}`,
    of: figure.id,
    tables: [STUDY_TABLE],
    draw: (canvas) => ({
      panels: datasets(studies[0]).map((dataset, k) =>
        panel(dataset, { all: published.cells, ours: others[0]?.cells, furthest }, k, canvas)
      ),
    }),
    csv: csvText(
      ["source", "dataset", "pre_epochs", "fine_epochs", "ratio"],
      [published, ...others].flatMap(({ label, cells }) =>
        cells.map(({ dataset, pre, fine, ratio }) => [label, dataset, pre, fine, ratio])
      ),
    ),
  });
}

/** All cells of the print and of a study beside it, and how far from 1 the colours reach, as a logarithm. */
interface Cells {
  all: Cell[];
  ours: Cell[] | undefined;
  furthest: number;
}

function panel(dataset: string, { all, ours, furthest }: Cells, index: number, canvas: Canvas): Panel {
  const columns = canvas.narrow ? 1 : 2, width = (canvas.width - GAP * (columns - 1)) / columns;
  const cells = all.filter((cell) => cell.dataset === dataset);
  const lengths = (key: "pre" | "fine") => [...new Set(cells.map((cell) => cell[key]))].sort((a, b) => a - b);
  const same = ({ dataset, pre, fine }: Cell) =>
    ours?.find((cell) => cell.dataset === dataset && cell.pre === pre && cell.fine === fine);
  const text = (cell: Cell) => [cell, same(cell)].filter((one) => one !== undefined).map(ratioText).join("\n");
  const dark = ({ ratio }: Cell) => Math.abs(Math.log(ratio)) > DARK * furthest;
  const label = (name: string) => ({ label: name, labelAnchor: "center", labelArrow: "none", tickSize: 0 } as const);
  return {
    left: (index % columns) * (width + GAP),
    top: Math.floor(index / columns) * PANEL_HEIGHT,
    options: {
      width,
      height: PANEL_HEIGHT,
      marginLeft: 84,
      marginRight: 8,
      marginTop: 26,
      marginBottom: 46,
      padding: 0.03,
      x: { ...label("epochs of fine-tuning"), type: "band", domain: lengths("fine"), tickFormat: String },
      y: { ...label("epochs of pre-training"), type: "band", domain: lengths("pre").reverse(), tickFormat: String },
      color: {
        type: "diverging-log",
        scheme: "PuOr",
        reverse: true,
        pivot: 1,
        domain: [Math.exp(-furthest), Math.exp(furthest)],
      },
      marks: [
        Plot.text([dataset], { frameAnchor: "top", dy: -16, fontSize: 14, fontWeight: "bold" }),
        Plot.cell(cells, { x: "fine", y: "pre", fill: "ratio", stroke: "#999999", strokeWidth: 0.5 }),
        Plot.text(cells, { x: "fine", y: "pre", text, fill: (cell: Cell) => dark(cell) ? "white" : "black" }),
      ],
    },
  };
}

function ratioText({ ratio }: Cell): string {
  const text = fixed(ratio, 3);
  return Number(text) === 1 ? text : `${ratio > 1 ? "▲" : "▼"} ${text}`;
}

function setupLabel({ setups }: Study, key: string): string {
  return setups.find((setup) => setup.key === key)?.label ?? key;
}
