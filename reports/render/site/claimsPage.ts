import type { Report } from "../../model.ts";
import { allClaims, type ClaimGroup, claimGroups } from "../claimGroups.ts";
import { claimCounts, type ClaimKind, claimKinds, countsText, tallyText } from "../counts.ts";
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
  const main = markup`<h1>Claims</h1>
<p>${countsText(report)}, each judged three times: on the numbers that the paper prints, on the logs that the author
released, and on our own runs. The verdict is about our runs, unless the printed numbers already decide it. ${
    tallyText(report)
  }</p>
<p class="files"><a href="claims.json">All claims as JSON</a> <a href="claims.md">as Markdown</a></p>
${filters(report)}<p id="shown" role="status">${countsText(report)}</p>
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
    .filter((verdict) => claims.some((claim) => claim.verdict === verdict));
  const { claims: all, repeats, checks } = claimCounts(report);
  const kinds: [ClaimKind, string, number][] = [
    ["claim", "claims", all - repeats],
    ["repeat", "claims said again", repeats],
    ["check", "cross-checks", checks],
  ];
  const present = paperOrder.filter((paper) => claims.some((claim) => claim.paper === paper));
  return markup`<form id="filters" role="search" hidden>
${select("paper", "Paper", present.map((paper) => [paper, papers[paper]]))}${
    select(
      "kind",
      "Kind",
      kinds.filter(([, , count]) => count > 0).map(([kind, word, count]) => [kind, `${word} (${count})`]),
    )
  }${select("verdict", "Verdict", used.map((verdict) => [verdict, verdict]))}<div>
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
  const paths = claimPaths(report), kinds = claimKinds(report);
  const link = tableLinker(report, owner, "", owner === undefined ? "" : tablePath(table, "html"));
  const articles = claims.map((claim) =>
    claimMarkup(claim, {
      root: "",
      kind: kinds.get(claim)!,
      link,
      level: 3,
      anchor: claimAnchor(claim.id),
      href: paths.get(claim.id)!,
    })
  );
  const head = owner === undefined ? title : markup`<a href="${tablePath(table, "html")}">${title}</a>`;
  return markup`<section class="claims" data-paper="${paper}">
<h2>${head}</h2>
${articles}</section>
`;
}
