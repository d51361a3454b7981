import type { ClaimReport } from "../../model.ts";
import type { Headline } from "../overview.ts";
import { meaning } from "../words.ts";
import { badge, outcome } from "./badge.ts";
import { whereClaimed } from "./claim.ts";
import { type Markup, markup } from "./markup.ts";
import type { Linker } from "./mentions.ts";

/** A question with the claims that answer it, each in one line with its three outcomes. */
export function headlineMarkup({ question, claims }: Headline, paths: Map<string, string>, link: Linker): Markup {
  return markup`<section class="headline">
<h3>${question}</h3>
<div>
${claims.map((claim) => lineMarkup(claim, paths.get(claim.id)!, link))}</div>
</section>
`;
}

function lineMarkup(claim: ClaimReport, href: string, link: Linker): Markup {
  return markup`<article class="line">
<p class="said">${claim.text} <span class="where"><a class="id" href="${href}">${claim.id}</a> ${
    whereClaimed(claim)
  }</span></p>
<dl>
<div><dt>In print</dt><dd>${outcome(claim.published.outcome)}</dd></div>
<div><dt>Author’s logs</dt><dd>${outcome(claim.authors.outcome)}</dd></div>
<div><dt>Our verdict</dt><dd>${badge(claim.verdict)} <span class="detail">${plainWords(claim, link)}</span></dd></div>
</dl>
</article>
`;
}

/** What the verdict means, at which scale, and why. */
function plainWords({ verdict, ours, reason }: ClaimReport, link: Linker): Markup {
  if (verdict === "not run") return markup`${meaning(verdict)}`;
  const scale = ours.length === 0 ? "" : `, scale ${ours[0].scale}`;
  return markup`${meaning(verdict)}${scale}: ${link(reason)}`;
}
