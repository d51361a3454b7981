import { edgeAngles } from "../../../core/hog/edgeAngle.ts";
import type { CellKind } from "../../../core/methods/view.ts";
import type { StageView } from "../view.ts";
import { glyphField } from "./glyphs.ts";
import { cellBins, type Channel, unitBins } from "./orientation.ts";
import { element } from "./svg.ts";
import { wheelField } from "./wheel.ts";
import { wordField } from "./wordField.ts";

/** Ids of the pictures of a stage's pixels, which the figure defines. */
export interface FieldPictures {
  target: string;
  /** Absent where there is no prediction. */
  prediction?: string;
}

/** How a field is drawn. */
export interface FieldOptions {
  cells: CellKind;
  style: "glyph" | "wheel";
  channel: Channel;
  /** Whether predictions are drawn as they are, and not normalised as targets. */
  raw: boolean;
  /** Side of the panel. */
  size: number;
}

/** What a stage predicts, as SVG: a picture of pixels, or a field of words or histograms. */
export function drawField(
  stage: StageView,
  which: "target" | "prediction",
  pictures: FieldPictures | undefined,
  { cells, style, channel, raw, size }: FieldOptions,
): string {
  if (cells.kind === "pixels") return element("use", { href: `#${pictures![which]}` });
  if (cells.kind === "words") return wordField(stage[which]!, stage.side, size);
  const values = stage[which]!, bins = values.length / stage.weight.length / 3, angles = edgeAngles(cells.form, bins);
  const draw = style === "wheel" ? wheelField : glyphField;
  return draw(
    cellBins(onScale(values, bins, cells.norm, which === "prediction" && raw), bins, channel),
    stage.side,
    angles,
    size,
  );
}

/** Histograms as they are drawn: those of targets, and of predictions unless raw, have length 1. */
function onScale(values: Float32Array, bins: number, norm: "length" | "whitened", raw: boolean): Float32Array {
  if (!raw) return unitBins(values, bins);
  // Variance 1 over the bins is a length of their root.
  return norm === "length" ? values : values.map((value) => value / Math.sqrt(bins));
}
