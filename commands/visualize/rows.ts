import { UserError } from "../../core/errors.ts";
import type { FieldPictures } from "./draw/field.ts";
import { type Row, styleOf } from "./draw/row.ts";
import type { Command } from "./flags.ts";
import type { LoadedModel } from "./model.ts";
import type { DrawnImage, Setting } from "./numbers.ts";

/** Side of a panel unless glyphs need more, and the room that a glyph needs, in pixels. */
const PANEL = 256, GLYPH = 14;
const HEADINGS = {
  hog: "HOG targets and predictions",
  pixels: "Pixels and their predictions",
  words: "Words of patches and their predictions",
} as const;
const CHANNELS = ["red", "green", "blue"];

/** The rows of one image: one, or one for each colour channel. */
export function rowsOf(
  { index, label, stages }: DrawnImage,
  masks: readonly ArrayLike<number>[],
  pictures: readonly FieldPictures[],
  { model, data, style }: Setting,
  { channels, raw }: Pick<Command, "channels" | "raw">,
): Row[] {
  const heading = `image ${index} (${data.split}), ${label}`;
  const common = {
    picture: pictureId(index),
    grid: model.view.grid,
    masks,
    cells: model.view.cells,
    learned: model.view.learned,
    stages,
    pictures,
    style,
    raw,
    notes: decoderNotes(model),
  };
  if (!channels) return [{ ...common, heading, channel: "mean" }];
  return ([0, 1, 2] as const).map((channel) => ({
    ...common,
    heading: `${heading}: ${CHANNELS[channel]}`,
    channel,
  }));
}

/** Id under which a figure defines an image. */
export function pictureId(index: number): string {
  return `input-${index}`;
}

/** What there is to say of each stage's decoder; nothing of one that trained to the end. */
function decoderNotes({ liveStages, made }: LoadedModel): Record<number, string> {
  const notes = liveStages.flatMap((live, stage): [number, string][] => {
    const epoch = made?.prunedAt[stage];
    const pruned = epoch === undefined ? "" : `decoder pruned${isFinite(epoch) ? ` at epoch ${epoch.toFixed(1)}` : ""}`;
    if (!live) return [[stage, pruned || "no decoder in this file"]];
    return pruned ? [[stage, pruned]] : [];
  });
  return Object.fromEntries(notes);
}

/** Side of a panel in pixels: that of the command line, or as large as glyphs need. */
export function panelSize(
  { view: { grid, stages, cells } }: LoadedModel,
  { panel, style }: Pick<Command, "panel" | "style">,
): number {
  const glyphs = cells.kind === "hog" ? stages.filter((stage) => styleOf(style, stage, grid) === "glyph") : [];
  return panel ?? Math.max(PANEL, ...glyphs.map(({ side }) => GLYPH * side));
}

/** The lines at the head of every figure. */
export function headerOf({ model, file, data, seed, epoch }: Setting): string[] {
  const { view: { title, maskRatio, views, cells }, method, config } = model;
  const { vit: { embedDim, depth, patchSize, imageSize, stages, swin } } = method.encoder(config);
  const plain = `ViT ${embedDim} × ${depth} blocks, patches of ${patchSize} px, images of ${imageSize} px`;
  const seen = epoch === null
    ? "whole images, masks of stream (seed, 0, image)"
    : `crops, flips and masks as in epoch ${epoch} of training`;
  return [
    HEADINGS[cells.kind],
    `Model: ${title}, ${stages ?? swin ? method.title(config) : plain}; ` +
    `${file}, SHA-256 ${model.sha256.slice(0, 12)}`,
    `Seed ${seed}, mask ratio ${Number(maskRatio.toFixed(4))}${
      views > 1 ? `, ${views} views` : ""
    }; data: ${data.name}, ${data.split} split, ${seen}`,
  ];
}

/**
 * Makes sure that flags have an effect on what is drawn.
 *
 * @throws {UserError} naming the flag
 */
export function checkFlags(
  { view: { cells } }: LoadedModel,
  { channels, style, raw }: Pick<Command, "channels" | "style" | "raw">,
): void {
  if (raw && (cells.kind === "words" || cells.kind === "pixels" && cells.norm === "image")) {
    throw new UserError(`Cannot use --raw: ${cells.kind} are drawn as they are, want it for what is normalised`);
  }
  if (cells.kind === "hog") return;
  const idle = channels ? "--channels" : style !== "auto" ? `--style ${style}` : undefined;
  if (idle) {
    throw new UserError(`Cannot use ${idle}: the model predicts ${cells.kind}, want it for one that predicts HOG`);
  }
}
