import type { Report } from "../../model.ts";
import { allClaims, type ClaimGroup, claimGroups } from "../claimGroups.ts";
import { counted } from "../../format.ts";
import { paperOrder, papers, verdictMeanings } from "../words.ts";
import { tablePath } from "../paths.ts";
import { claimAnchor, claimPaths } from "./addresses.ts";
import { badge } from "./badge.ts";
import { claimMarkup } from "./claim.ts";
import { type Markup, markup } from "./markup.ts";
import type { Page } from "./page.ts";
import { tableLinker } from "./tablePage.ts";

/** The page of all claims; with a script they can be filtered. */
export function claimsPage(report: Report): Page {
  const groups = claimGroups(report);
  const total = allClaims(report).length;
  const main = markup`<h1>Claims</h1>
<p>${
    counted(total, "claim")
  }, each judged three times: on the numbers that the paper prints, on the logs that the author
released, and on our own runs. The verdict is about our runs, unless the printed numbers already decide it.</p>
<p class="files"><a href="claims.json">All claims as JSON</a> <a href="claims.md">as Markdown</a></p>
${filters(report)}<p id="shown" role="status">${counted(total, "claim")}</p>
${groups.map((group) => groupMarkup(report, group))}<h2 id="verdicts">What the verdicts mean</h2>
<p>Where nothing has to be trained, as for a definition, what our code computes stands for a run.</p>
<dl class="meanings">
${
    verdictMeanings.map(([verdict, meaning]) =>
      markup`<div><dt>${badge(verdict)}</dt><dd>${meaning}</dd></div>
`
    )
  }</dl>
`;
  return { path: "claims.html", title: "Claims", main };
}

/** Hidden until a script makes it work. */
function filters(report: Report): Markup {
  const claims = allClaims(report);
  const used = verdictMeanings.map(([verdict]) => verdict)
    .map((verdict) => ({ verdict, count: claims.filter((claim) => claim.verdict === verdict).length }))
    .filter(({ count }) => count > 0);
  const present = paperOrder.filter((paper) => claims.some((claim) => claim.paper === paper));
  return markup`<form id="filters" role="search" hidden>
${select("paper", "Paper", present.map((paper) => [paper, papers[paper]]))}${
    select("verdict", "Verdict", used.map(({ verdict, count }) => [verdict, `${verdict} (${count})`]))
  }<div>
<label for="filter-text">Text</label> <input id="filter-text" name="text" type="search" autocomplete="off">
</div>
<button type="reset">Show all</button>
</form>
`;
}

function select(name: string, label: string, options: [string, string][]): Markup {
  return markup`<div>
<label for="filter-${name}">${label}</label> <select id="filter-${name}" name="${name}">
<option value="">all</option>
${
    options.map(([value, text]) =>
      markup`<option value="${value}">${text}</option>
`
    )
  }</select>
</div>
`;
}

function groupMarkup(report: Report, { paper, title, table, claims }: ClaimGroup): Markup {
  const owner = report.tables.find(({ id }) => id === table);
  const paths = claimPaths(report);
  const link = tableLinker(report, owner, "", owner === undefined ? "" : tablePath(table, "html"));
  const articles = claims.map((claim) =>
    claimMarkup(claim, { root: "", link, level: 3, anchor: claimAnchor(claim.id), href: paths.get(claim.id)! })
  );
  const head = owner === undefined ? title : markup`<a href="${tablePath(table, "html")}">${title}</a>`;
  return markup`<section class="claims" data-paper="${paper}">
<h2>${head}</h2>
${articles}</section>
`;
}
