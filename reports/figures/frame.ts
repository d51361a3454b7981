import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { type LegendEntry, legendPanel } from "./legend.ts";
import { standaloneSvg, SVG } from "./standaloneSvg.ts";
import { FONT_SIZE, MARGIN, WIDTH } from "./theme.ts";
import { textWidth } from "./textWidth.ts";

/** One plot of a figure. Places are in pixels, from the left edge and from below the headings. */
export interface Panel {
  left: number;
  top: number;
  /** With `width` and `height`. */
  options: Plot.PlotOptions;
}

/** A figure: headings, a legend where there is one, and plots. */
export interface Layout {
  title: string;
  subtitle: string;
  /** What is seen, for those who do not see it. */
  description: string;
  legend?: LegendEntry[];
  panels: Panel[];
}

const TITLE_SIZE = 17, LEADING = 1.35;

/**
 * Draws a figure as a self-contained SVG of 880 pixels width. It has no ids, no classes and no style sheet, so that
 * several can stand in one page.
 */
export function figureSvg(layout: Layout): string {
  const { document } = parseHTML("<html><body></body></html>");
  const svg = document.createElementNS(SVG, "svg");
  const heading = headings(document, layout);
  const legend = layout.legend === undefined ? undefined : legendPanel(layout.legend);
  const legendHeight = legend?.height ?? 0;
  const body = heading.height + legendHeight;
  const panels = layout.panels.map(({ left, top, options }) => ({ left, top: body + top, options }));
  if (legend !== undefined) panels.unshift({ left: MARGIN, top: heading.height, options: legend });
  const height = Math.ceil(Math.max(...panels.map(({ top, options }) => top + (options.height ?? 0))));
  set(svg, {
    width: WIDTH,
    height,
    viewBox: `0 0 ${WIDTH} ${height}`,
    style: `color:black;font-size:${FONT_SIZE}px;font-family:DejaVu Sans,Arial,sans-serif;max-width:100%;height:auto`,
  });
  svg.append(...heading.texts, ...panels.map((panel) => drawn(document, panel)));
  return standaloneSvg(svg, layout.title, layout.description);
}

/** A plot as a group: Plot's own class and style sheet would leak into a page. */
function drawn(document: Document, { left, top, options }: Panel): Element {
  const plot = Plot.plot({ ...options, document }) as Element;
  const group = document.createElementNS(SVG, "g");
  set(group, { transform: `translate(${left},${top})`, fill: "currentColor", "text-anchor": "middle" });
  group.append(...[...plot.children].filter(({ tagName }) => tagName.toLowerCase() !== "style"));
  return group;
}

function headings(document: Document, { title, subtitle }: Layout): { texts: Element[]; height: number } {
  const lines = [
    ...wrapped(title, TITLE_SIZE).map((text) => ({ text, size: TITLE_SIZE })),
    ...wrapped(subtitle, FONT_SIZE).map((text) => ({ text, size: FONT_SIZE })),
  ];
  let height = MARGIN;
  const texts = lines.map(({ text, size }) => {
    const element = document.createElementNS(SVG, "text");
    height += size * LEADING;
    set(element, { x: MARGIN, y: round(height - size * 0.3), "font-size": size });
    element.textContent = text;
    return element;
  });
  return { texts, height: Math.ceil(height + MARGIN) };
}

/** Text in lines that fit the figure's width at the given size. */
function wrapped(text: string, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const line = lines.at(-1);
    if (line === undefined || textWidth(`${line} ${word}`, size) > WIDTH - 2 * MARGIN) lines.push(word);
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
