import type { FigureReport, Report } from "../../model.ts";
import { answers } from "../answers.ts";
import { countsText, tallyText } from "../counts.ts";
import { contradictions, headlines, tallies } from "../overview.ts";
import { mainFacts, ranText } from "../numbers.ts";
import { counted } from "../../format.ts";
import { answersMarkup } from "./answersTable.ts";
import { claimPaths, scaleAnchor } from "./addresses.ts";
import { figureMarkup } from "./figure.ts";
import { headlineMarkup } from "./headline.ts";
import { type Markup, markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { tableList } from "./tableList.ts";
import { tableLinker } from "./tablePage.ts";
import { tallyMarkup } from "./tally.ts";

/** The front page: what is claimed, what holds, what it costs, and where everything is. */
export function indexPage(report: Report): Page {
  const main = markup`<h1>What holds of cheap self-supervised training</h1>
<p class="lead">Every table, figure and claim of FreezeOut, ViTFreeze and DMJD beside the author’s logs and runs of our own.</p>
${answerSection(report)}${countSection(report)}${costSection(report)}${headlineSection(report)}${
    contradictionSection(report)
  }${runSection(report)}<h2 id="tables">Tables</h2>
${
    tableList(report)
  }<p class="files"><a href="claims.json">All claims as JSON</a> <a href="report.json">Scales and figures as JSON</a>
<a href="README.md">This report as Markdown</a></p>
`;
  return { path: "index.html", title: "What holds of cheap self-supervised training", main };
}

function answerSection(report: Report): Markup | null {
  const found = answers(report);
  return found.length === 0 ? null : answersMarkup(found);
}

function headlineSection(report: Report): Markup | null {
  const found = headlines(report), paths = claimPaths(report), link = tableLinker(report, undefined, "");
  if (found.length === 0) return null;
  return markup`<h2 id="headlines">The headline claims</h2>
${found.map((headline) => headlineMarkup(headline, paths, link))}`;
}

function countSection(report: Report): Markup {
  return markup`<h2 id="counts">All claims by outcome</h2>
<p>${countsText(report)} of the three works, <a href="claims.html">all listed</a>. ${tallyText(report)}</p>
<div class="tallies">
${tallies(report).map(tallyMarkup)}</div>
`;
}

function costSection(report: Report): Markup | null {
  const figures = paretoFigures(report);
  if (figures.length === 0) return null;
  return markup`<h2 id="cost">What it costs</h2>
${figures.map((figure) => figureMarkup(figure, 3))}<p><a href="figures.html">All figures</a></p>
`;
}

/** The figures of time against accuracy. */
function paretoFigures(report: Report): FigureReport[] {
  return report.figures.filter(({ id }) => id.startsWith("pareto"));
}

function contradictionSection(report: Report): Markup | null {
  const found = contradictions(report), paths = claimPaths(report);
  if (found.length === 0) return null;
  const items = found.map(({ id, text, published }) =>
    markup`<li><a class="id" href="${paths.get(
      id,
    )!}">${id}</a> ${text}${
      published.text === ""
        ? null
        : markup` <span class="detail">In print: ${published.text.replace(/\.$/, "")}.</span>`
    }</li>
`
  );
  return markup`<h2 id="contradictions">Where the print contradicts itself</h2>
<p>${counted(found.length, "statement")} of the authors that their own printed numbers do not satisfy.</p>
<ul class="contradictions">
${items}</ul>
`;
}

function runSection(report: Report): Markup {
  const items = report.scales.map((scale) =>
    markup`<li><a href="runs.html#${scaleAnchor(scale.id)}">${scale.id}</a>: ${ranText(scale)} <span class="detail">${
      mainFacts(scale)
    }</span></li>
`
  );
  return markup`<h2 id="run">What was run</h2>
${
    items.length === 0
      ? markup`<p>Nothing was run.</p>
`
      : markup`<ul>
${items}</ul>
`
  }`;
}
