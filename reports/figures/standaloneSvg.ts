import { darkStyle } from "./darkScheme.ts";

/** The namespace of SVG elements. */
export const SVG = "http://www.w3.org/2000/svg";

/**
 * A plot as the text of an SVG file: with namespace, a ground, words for those who do not see it, and the colours of a
 * dark page beside those of a light one.
 *
 * @param svg a plot with `width` and `height`; changed in place
 * @param title what the figure shows, in one line
 * @param description what is seen; left out when empty
 */
export function standaloneSvg(svg: Element, title: string, description = ""): string {
  const words = [["title", title], ["desc", description]].filter(([, text]) => text !== "").map(([tag, text]) => {
    const element = svg.ownerDocument.createElementNS(SVG, tag);
    element.textContent = text;
    return element;
  });
  const ground = svg.ownerDocument.createElementNS(SVG, "rect");
  for (const side of ["width", "height"]) ground.setAttribute(side, svg.getAttribute(side) ?? "100%");
  ground.setAttribute("fill", "white");
  svg.setAttribute("xmlns", SVG);
  svg.setAttribute("role", "img");
  svg.prepend(...words, ground);
  const style = svg.ownerDocument.createElementNS(SVG, "style");
  style.textContent = darkStyle(svg);
  ground.before(style);
  return `${svg.outerHTML}\n`;
}
