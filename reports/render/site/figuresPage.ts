import type { FigureReport, Report } from "../../model.ts";
import { csvPath, svgPath } from "../paths.ts";
import { figureName } from "../words.ts";
import { figureAnchor } from "./addresses.ts";
import { type Markup, markup } from "./markup.ts";
import type { Page } from "./page.ts";

/** The page of all figures: those that are drawn, then those of which the print gives no numbers. */
export function figuresPage({ figures, undrawn }: Report): Page {
  const list = figures.map((figure) =>
    markup`<li><a href="#${figureAnchor(figure.id)}">${figureTitle(figure)}</a></li>
`
  );
  const main = markup`<h1>Figures</h1>
<p>${
    figures.length === 0
      ? "No figure was drawn."
      : "Every figure is drawn anew from the numbers that its data file holds: printed values, logs, or our runs."
  }</p>
<ul class="contents">
${list}</ul>
${figures.map((figure) => figureMarkup(figure, 2))}${undrawnMarkup(undrawn)}`;
  return { path: "figures.html", title: "Figures", main };
}

/** A figure's title, after the published figure that it redraws. */
function figureTitle({ of, title }: FigureReport): string {
  return of === "" ? title : `${figureName(of)}. ${title}`;
}

/** A figure on a white card, with its data to download. */
export function figureMarkup(figure: FigureReport, level: 2 | 3): Markup {
  const { id, of, caption } = figure, title = figureTitle(figure), tag = { html: `h${level}` };
  return markup`<section class="figure" id="${figureAnchor(id)}">
<${tag}>${title}</${tag}>
<figure>
<div class="card" role="region" aria-label="${title}" tabindex="0">
<img src="${svgPath(id)}" alt="${title}. ${caption}"${size(figure)}>
</div>
<figcaption>${of === "" ? null : markup`<strong>${figureName(of)}</strong>, redrawn. `}${caption}
<span class="files"><a href="${csvPath(id)}" download>Data (CSV)</a> <a href="${
    svgPath(id)
  }">Drawing (SVG)</a></span></figcaption>
</figure>
</section>
`;
}

/** Width and height as the drawing gives them, so that the page does not jump while it loads. */
function size({ svg }: FigureReport): Markup | null {
  const head = svg.slice(0, svg.indexOf(">"));
  const [width, height] = ["width", "height"].map((name) =>
    new RegExp(`\\s${name}="(\\d+)(\\.\\d+)?"`).exec(head)?.[1]
  );
  return width === undefined || height === undefined ? null : markup` width="${width}" height="${height}"`;
}

function undrawnMarkup(figures: Report["undrawn"]): Markup | null {
  if (figures.length === 0) return null;
  const items = figures.map(({ id, title, why }) =>
    markup`<div><dt>${figureName(id)}</dt><dd>${title}. <span class="detail">${why}</span></dd></div>
`
  );
  return markup`<h2 id="not-drawn">Figures that cannot be redrawn, or not wholly</h2>
<dl class="facts">
${items}</dl>
`;
}
