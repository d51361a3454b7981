import type { Report } from "../../model.ts";
import { figureName, figureTitle } from "../words.ts";
import { figureAnchor } from "./addresses.ts";
import { figureMarkup } from "./figure.ts";
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
