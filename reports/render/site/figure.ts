import type { FigureReport } from "../../model.ts";
import { csvPath, svgPath } from "../paths.ts";
import { figureTitle } from "../words.ts";
import { figureAnchor, type Root } from "./addresses.ts";
import { type Markup, markup, unbroken } from "./markup.ts";

/** A figure with its title, its drawing for the width of the window, how to read it, and its data to download. */
export function figureMarkup(figure: FigureReport, level: 2 | 3, root: Root = ""): Markup {
  const { id, caption, reading } = figure, title = figureTitle(figure), tag = { html: `h${level}` };
  return markup`<section class="figure" id="${figureAnchor(id)}">
<${tag}>${unbroken(title)}</${tag}>
${
    reading === "" ? null : markup`<p class="reading">${reading}</p>
`
  }<figure>
<div class="card">
${image(figure, "wide", root)}${image(figure, "narrow", root)}</div>
<figcaption>${caption}
<span class="files"><a href="${root}${csvPath(id)}" download>Data (CSV)</a> <a href="${root}${
    svgPath(id)
  }">Drawing (SVG)</a></span></figcaption>
</figure>
</section>
`;
}

/** The drawing for wide or for narrow windows; the style sheet shows one of them. */
function image(figure: FigureReport, form: "wide" | "narrow", root: Root): Markup {
  return markup`<img class="${form}" src="${root}${svgPath(figure.id, form)}" alt="${figureTitle(figure)}"${
    size(figure[form])
  }>
`;
}

/** Width and height as the drawing gives them, so that the page does not jump while it loads. */
function size(svg: string): Markup | null {
  const head = svg.slice(0, svg.indexOf(">"));
  const [width, height] = ["width", "height"].map((name) =>
    new RegExp(`\\s${name}="(\\d+)(\\.\\d+)?"`).exec(head)?.[1]
  );
  return width === undefined || height === undefined ? null : markup` width="${width}" height="${height}"`;
}
