import type { CellKind, Measure, MethodView } from "../../../core/methods/view.ts";
import { type StageError, stageError } from "../stageError.ts";
import type { StageView } from "../view.ts";
import { drawField, type FieldPictures } from "./field.ts";
import { groupStart, groupWidth, type Layout } from "./layout.ts";
import type { Channel } from "./orientation.ts";
import { drawPanel, emptyPanel } from "./panel.ts";
import { maskStrips, viewColour } from "./strips.ts";
import { element, moved, text } from "./svg.ts";
import { maskCover, visibleVeil } from "./veil.ts";
import { cutBold } from "./words.ts";

/** How the histograms of a stage are drawn; "auto" takes the wheel where a patch has 4 x 4 cells or more. */
export type Style = "auto" | "glyph" | "wheel";

/** One image, or one colour channel of it. */
export interface Row {
  /** E.g. "image 12 (test), disc-bars". */
  heading: string;
  /** Id of the picture that the figure defines. */
  picture: string;
  /** Patches per side, and which are masked in each view: [grid * grid], 1 for a masked one. */
  grid: number;
  masks: readonly ArrayLike<number>[];
  /** What is predicted, and whether the loss looks at visible cells, too. */
  cells: CellKind;
  learned: MethodView["learned"];
  /** Of each stage in each view, stages outermost. */
  stages: StageView[];
  /** Of each of `stages` where pixels are predicted. */
  pictures: readonly FieldPictures[];
  channel: Channel;
  style: Style;
  /** Whether predictions are drawn as they are, and not with L2 norm 1 per cell and channel as targets. */
  raw: boolean;
  /** What there is to say of a stage's decoder, by index of the stage. */
  notes: Record<number, string>;
}

/** The style that a stage is drawn in. */
export function styleOf(style: Style, { side }: Pick<StageView, "side">, grid: number): "glyph" | "wheel" {
  if (style !== "auto") return style;
  return side >= 4 * grid ? "wheel" : "glyph";
}

/**
 * A row as SVG. Of one view: input, masked input, and for each stage target and prediction. Of several: input, what they mask,
 * target, and for each of them masked input and prediction.
 */
export function drawRow(row: Row, layout: Layout): string {
  const { line, font, groups } = layout, picture = element("use", { href: `#${row.picture}` });
  const panels = [
    text(0, font, font, cutBold(row.heading, font, groupWidth(groups[0], layout)), "bold"),
    drawPanel(layout, 0, picture, "input"),
    ...(row.masks.length === 1 ? stagePanels(row, picture, layout) : viewPanels(row, picture, layout)),
  ];
  return moved(0, line - font, panels.join(""));
}

function stagePanels(row: Row, picture: string, layout: Layout): string[] {
  const { font, groups } = layout;
  return [
    maskedPanel(row, 0, picture, layout, 1),
    ...row.stages.map((stage, i) => {
      const { block, side, cellPixels } = stage;
      const title = `stage ${stage.stage + 1}, after block ${block}: ${side} × ${side} cells of ${cellPixels} px`;
      const content = text(0, font, font, cutBold(title, font, groupWidth(groups[i + 1], layout)), "bold") +
        targetPanel(row, i, layout, 0) + predictionPanel(row, i, layout);
      return moved(groupStart(layout, i + 1), 0, content);
    }),
  ];
}

function viewPanels(row: Row, picture: string, layout: Layout): string[] {
  const { masks, grid } = row, { size, gap, font } = layout, patches = masks[0].length;
  const together = Array.from({ length: patches }, (_, patch) => masks.some((mask) => mask[patch] === 1)).filter(
    Boolean,
  );
  const said = [`together ${percent(together.length / patches)} of the patches`];
  return [
    drawPanel(layout, size + gap, maskStrips(masks, grid, picture, size), "what is masked in which view", said),
    targetPanel(row, 0, layout, 2),
    ...row.stages.map((stage, i) => {
      const key = element("rect", { x: 0, y: 0, width: font, height: font, fill: viewColour(stage.view) });
      const content = key + text(1.5 * font, font, font, `view ${stage.view + 1} of ${masks.length}`, "bold") +
        maskedPanel(row, stage.view, picture, layout, 0) + predictionPanel(row, i, layout);
      return moved(groupStart(layout, i + 1), 0, content);
    }),
  ];
}

const percent = (share: number) => `${Math.round(100 * share)} %`;

/** The input of a view, what it masks in grey, at the k-th place of its group. */
function maskedPanel({ masks, grid }: Row, view: number, picture: string, layout: Layout, k: number): string {
  const { size, gap } = layout, mask = Array.from(masks[view]);
  const share = mask.reduce((sum, one) => sum + one, 0) / mask.length;
  const content = picture + maskCover(mask, grid, size);
  return drawPanel(layout, k * (size + gap), content, `masked input (${percent(share)} grey)`);
}

function targetPanel(row: Row, i: number, layout: Layout, k: number): string {
  const title = row.cells.kind === "hog" ? "HOG target" : row.raw ? "target, raw" : "target";
  return drawPanel(layout, k * (layout.size + layout.gap), field(row, i, "target", layout), title);
}

function field(row: Row, i: number, which: "target" | "prediction", { size }: Layout): string {
  const { cells, channel, raw, grid } = row, stage = row.stages[i], style = styleOf(row.style, stage, grid);
  return drawField(stage, which, row.pictures[i], { cells, style, channel, raw, size });
}

/** A stage's prediction, at the second place of its group; what no loss has looked at is veiled. */
function predictionPanel(row: Row, i: number, layout: Layout): string {
  const { size, gap } = layout, stage = row.stages[i], note = row.notes[stage.stage];
  const error = stageError(stage, row.channel);
  if (!error) return drawPanel(layout, size + gap, emptyPanel(layout, note ?? "no prediction"), "prediction");
  const veil = row.learned === "all" ? "" : visibleVeil(stage.weight, stage.side, size);
  return drawPanel(
    layout,
    size + gap,
    field(row, i, "prediction", layout) + veil,
    row.raw ? "prediction, raw" : "prediction",
    [...errorLines(error, stage.measure), ...(note ? [note] : [])],
  );
}

function errorLines({ masked, visible }: StageError, measure: Measure): string[] {
  if (measure === "wrong") {
    const right = (wrong: number | null) => wrong === null ? "none" : percent(1 - wrong);
    return [`right words of masked patches ${right(masked)}`, `of visible patches ${right(visible)}`];
  }
  const shown = (value: number | null) => value === null ? "none" : value.toFixed(4);
  return [
    `${measure === "squared" ? "MSE" : "mean distance"} of masked cells ${shown(masked)}`,
    `of visible cells ${shown(visible)}`,
  ];
}
