const SVG = "http://www.w3.org/2000/svg";

/**
 * A plot as the text of an SVG file: with namespace, a white ground, and a title for those who do not see it.
 *
 * @param svg a plot with `width` and `height`; changed in place
 * @param title what the figure shows, in one line
 */
export function standaloneSvg(svg: Element, title: string): string {
  const name = svg.ownerDocument.createElementNS(SVG, "title");
  name.textContent = title;
  const ground = svg.ownerDocument.createElementNS(SVG, "rect");
  for (const side of ["width", "height"]) ground.setAttribute(side, svg.getAttribute(side) ?? "100%");
  ground.setAttribute("fill", "white");
  svg.setAttribute("xmlns", SVG);
  svg.setAttribute("role", "img");
  svg.prepend(name, ground);
  return `${svg.outerHTML}\n`;
}
