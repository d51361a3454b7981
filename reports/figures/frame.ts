import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type LegendEntry, legendPanel } from "./legend.ts";
import { standaloneSvg, SVG } from "./standaloneSvg.ts";
import { type Canvas, FONT_SIZE, MARGIN, WIDE } from "./theme.ts";
import { textWidth } from "./textWidth.ts";

/** One plot of a figure. Places are in pixels, from the left edge and from below the headings. */
export interface Panel {
  left: number;
  top: number;
  /** With `width` and `height`. */
  options: Plot.PlotOptions;
}

/** What a figure shows below its headings: a legend where there is one, and plots. */
export interface Body {
  legend?: LegendEntry[];
  panels: Panel[];
}

/** A figure that stands alone. */
export interface Layout extends Body {
  title: string;
  subtitle: string;
  /** What is seen, for those who do not see it. */
  description: string;
}

/** Words of a figure for those who do not see it. */
export interface Words {
  title: string;
  description: string;
}

const TITLE_SIZE = 17, LEADING = 1.35;

/**
 * Draws a figure with its headings as a self-contained SVG of 880 pixels width. It has no ids and no classes, and its
 * style sheet speaks of colours alone, so that several can stand in one page.
 */
export function figureSvg({ title, subtitle, description, ...body }: Layout): string {
  const lines = [
    ...wrapped(title, TITLE_SIZE).map((text) => ({ text, size: TITLE_SIZE })),
    ...wrapped(subtitle, FONT_SIZE).map((text) => ({ text, size: FONT_SIZE })),
  ];
  return drawing(lines, body, WIDE, { title, description });
}

/** Draws a figure without headings, for a page that has them itself. */
export function bareSvg(body: Body, canvas: Canvas, words: Words): string {
  return drawing([], body, canvas, words);
}

interface Line {
  text: string;
  size: number;
}

function drawing(lines: Line[], { legend, panels }: Body, { width }: Canvas, { title, description }: Words): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = document.createElementNS(SVG, "svg");
  const heading = headings(document, lines);
  const key = legend === undefined ? undefined : legendPanel(legend, width);
  const body = heading.height + (key?.height ?? 0);
  const placed = panels.map(({ left, top, options }) => ({ left, top: body + top, options }));
  if (key !== undefined) placed.unshift({ left: MARGIN, top: heading.height, options: key });
  const height = Math.ceil(Math.max(...placed.map(({ top, options }) => top + (options.height ?? 0))));
  set(svg, {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    color: "black",
    "font-size": FONT_SIZE,
    "font-family": "DejaVu Sans,Arial,sans-serif",
    style: "max-width:100%;height:auto",
  });
  svg.append(...heading.texts, ...placed.map((panel) => drawn(document, panel)));
  return standaloneSvg(svg, title, description);
}

/** A plot as a group: Plot's own class and style sheet would leak into a page. */
function drawn(document: Document, { left, top, options }: Panel): Element {
  const plot = Plot.plot({ ...options, document }) as Element;
  const group = document.createElementNS(SVG, "g");
  set(group, { transform: `translate(${left},${top})`, fill: "currentColor", "text-anchor": "middle" });
  group.append(...[...plot.children].filter(({ tagName }) => tagName.toLowerCase() !== "style"));
  return group;
}

function headings(document: Document, lines: Line[]): { texts: Element[]; height: number } {
  if (lines.length === 0) return { texts: [], height: 0 };
  let height = MARGIN;
  const texts = lines.map(({ text, size }) => {
    const element = document.createElementNS(SVG, "text");
    height += size * LEADING;
    set(element, { x: MARGIN, y: round(height - size * 0.3), "font-size": size, fill: "currentColor" });
    element.textContent = text;
    return element;
  });
  return { texts, height: Math.ceil(height + MARGIN) };
}

/** Text in lines that fit the wide canvas at the given size. */
function wrapped(text: string, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const line = lines.at(-1);
    if (line === undefined || textWidth(`${line} ${word}`, size) > WIDE.width - 2 * MARGIN) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

function set(element: Element, attributes: Record<string, string | number>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
