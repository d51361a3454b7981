import { type StageError, stageError } from "../stageError.ts";
import type { StageView } from "../view.ts";
import { glyphField } from "./glyphs.ts";
import { type Layout, LINES_ABOVE } from "./layout.ts";
import { cellBins, type Channel, unitBins } from "./orientation.ts";
import { element, moved, text } from "./svg.ts";
import { maskCover, visibleVeil } from "./veil.ts";
import { wheelField } from "./wheel.ts";
import { cutBold } from "./words.ts";

/** How the histograms of a stage are drawn; "auto" takes the wheel where a patch has 4 x 4 cells or more. */
export type Style = "auto" | "glyph" | "wheel";

/** One image, or one colour channel of it. */
export interface Row {
  /** E.g. "image 12 (test), disc-bars". */
  heading: string;
  /** Id of the picture that the figure defines. */
  picture: string;
  /** Patches per side, and which are masked: [grid * grid], 1 for a masked one. */
  grid: number;
  mask: ArrayLike<number>;
  stages: StageView[];
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

/** A row as SVG: input, masked input, and for each stage target and prediction. */
export function drawRow(row: Row, layout: Layout): string {
  const { size, gap, wideGap, line, font } = layout, pair = 2 * size + gap + wideGap;
  const picture = element("use", { href: `#${row.picture}` });
  const masked = picture + maskCover(row.mask, row.grid, size);
  const share = Array.from(row.mask).reduce((sum, one) => sum + one, 0) / row.mask.length;
  const panels = [
    text(0, font, font, cutBold(row.heading, font, pair - wideGap), "bold"),
    drawPanel(layout, 0, picture, "input"),
    drawPanel(layout, size + gap, masked, `masked input (${Math.round(100 * share)} % grey)`),
    ...row.stages.map((stage, i) => moved((i + 1) * pair, 0, drawStage(row, stage, layout))),
  ];
  return moved(0, line - font, panels.join(""));
}

function drawStage(row: Row, stage: StageView, layout: Layout): string {
  const { size, gap, font } = layout, { side, cellPixels, target, prediction, weight } = stage;
  const bins = target.length / weight.length / 3;
  const draw = styleOf(row.style, stage, row.grid) === "wheel" ? wheelField : glyphField;
  const field = (values: Float32Array) => draw(cellBins(values, bins, row.channel), side, bins, size);
  const title = `stage ${stage.stage + 1}, after block ${stage.block}: ${side} × ${side} cells of ${cellPixels} px`;
  const note = row.notes[stage.stage], error = stageError(stage, row.channel);
  const right = prediction && error
    ? drawPanel(
      layout,
      size + gap,
      field(row.raw ? prediction : unitBins(prediction, bins)) + visibleVeil(weight, side, size),
      row.raw ? "prediction, raw" : "prediction",
      [...errorLines(error), ...(note ? [note] : [])],
    )
    : drawPanel(layout, size + gap, emptyPanel(layout, note ?? "no prediction"), "prediction");
  return text(0, font, font, cutBold(title, font, 2 * size + gap), "bold") +
    drawPanel(layout, 0, field(target), "HOG target") + right;
}

function errorLines({ masked, visible }: StageError): string[] {
  const shown = (value: number | null) => value === null ? "none" : value.toFixed(4);
  return [`MSE of masked cells ${shown(masked)}`, `of visible cells ${shown(visible)}`];
}

function drawPanel(
  { size, font, line }: Layout,
  x: number,
  content: string,
  title: string,
  captions: readonly string[] = [],
): string {
  const top = LINES_ABOVE * line, below = captions.map((words, i) => text(0, top + size + (i + 1) * line, font, words));
  return moved(x, 0, text(0, line + font, font, title) + moved(0, top, content) + below.join(""));
}

function emptyPanel({ size, font }: Layout, words: string): string {
  return element("rect", { width: size, height: size, fill: "#dddddd" }) + text(font, size / 2, font, words);
}
