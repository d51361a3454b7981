import { drawLegend } from "./legend.ts";
import { groupsOf, type Layout, layOutRow } from "./layout.ts";
import { drawRow, type Row, styleOf } from "./row.ts";
import { element, escapeText, moved, text } from "./svg.ts";
import { wrap } from "./words.ts";

/** A picture that rows refer to. */
export interface Picture {
  id: string;
  /** A data URI of a square image. */
  href: string;
}

/** Everything that a figure shows. */
export interface FigureContent {
  /** Model, file, seed, …: what the figure is of. */
  header: string[];
  pictures: Picture[];
  /** Of the same model and style, one at least. */
  rows: Row[];
  /** Side of a panel in pixels. */
  size: number;
}

/** A figure as the text of an SVG file: header, rows, legend. The same content gives the same bytes. */
export function drawFigure({ header, pictures, rows, size }: FigureContent): string {
  const [{ stages, masks }] = rows,
    layout = layOutRow(size, groupsOf(stages.length / masks.length, masks.length)),
    { margin, font, line, width, rowHeight } = layout;
  const heading = drawHeader(header, layout), legend = drawLegend(legendOf(rows), layout);
  const top = margin + heading.height, height = top + rows.length * rowHeight + line + legend.height + margin;
  const parts = [
    element("title", {}, escapeText("Targets and predictions of a masked image model")),
    element("rect", { width, height, fill: "#ffffff" }),
    element("defs", {}, pictures.map((picture) => definePicture(picture, size)).join("")),
    moved(margin, margin, heading.svg),
    ...rows.map((row, i) => moved(margin, top + i * rowHeight, drawRow(row, layout))),
    moved(margin, top + rows.length * rowHeight + line, legend.svg),
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "font-family": "DejaVu Sans, Verdana, Arial, sans-serif",
    "font-size": font,
  };
  return `${element("svg", attributes, `\n${parts.join("\n")}\n`)}\n`;
}

function drawHeader(header: readonly string[], { font, line, width, margin }: Layout) {
  const lines = header.flatMap((words) => wrap(words, font, width - 2 * margin));
  const svg = lines.map((words, i) => text(0, font + i * line, font, words, i === 0 ? "bold" : "normal")).join("");
  return { svg, height: (lines.length + 1) * line };
}

function definePicture({ id, href }: Picture, size: number): string {
  return element("image", { id, href, width: size, height: size, "image-rendering": "optimizeSpeed" });
}

function legendOf(rows: readonly Row[]) {
  const [{ stages: [{ target, weight, measure }], channel, raw, cells, learned, masks }] = rows;
  const styles = cells.kind === "hog"
    ? rows.flatMap((row) => row.stages.map((stage) => styleOf(row.style, stage, row.grid)))
    : [];
  return {
    cells,
    learned,
    views: masks.length,
    measure,
    bins: target.length / weight.length / 3,
    glyphs: styles.includes("glyph"),
    wheel: styles.includes("wheel"),
    channels: channel !== "mean",
    raw,
  };
}
