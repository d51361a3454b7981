import type { ClaimReport } from "../../model.ts";
import type { ClaimKind } from "../counts.ts";
import { withoutRuns } from "../words.ts";
import { type Root, scaleAnchor } from "./addresses.ts";
import { badge, outcome } from "./badge.ts";
import { type Markup, markup } from "./markup.ts";
import type { Linker } from "./mentions.ts";

/** How a claim stands on its page. */
export interface ClaimSetting {
  root: Root;
  kind: ClaimKind;
  /** Links the rows and claims that a text names. */
  link: Linker;
  /** Level of the claim's heading. */
  level: 3 | 4;
  /** Its anchor here; "" where its own place is elsewhere. */
  anchor: string;
  /** Address of its own place. */
  href: string;
}

/** A claim with its verdict, and how it fares in print, in the logs and in our runs. */
export function claimMarkup(claim: ClaimReport, setting: ClaimSetting): Markup {
  const { level, link } = setting;
  const tag = { html: `h${level}` };
  return markup`<article class="claim"${
    setting.anchor === "" ? null : markup` id="${setting.anchor}"`
  } data-paper="${claim.paper}" data-kind="${setting.kind}" data-verdict="${claim.verdict}">
<${tag}><a class="id" href="${setting.href}">${claim.id}</a> ${claim.text}</${tag}>
<p class="where">${whereClaimed(claim)}</p>
<p class="verdict">${badge(claim.verdict)} <span class="reason">${link(claim.reason)}</span></p>
<dl class="sides">
<div><dt>In print</dt><dd>${told(claim.published, link)}</dd></div>
<div><dt>Author’s logs</dt><dd>${told(claim.authors, link)}</dd></div>
<div><dt>Our runs</dt><dd>${oursMarkup(claim, setting)}</dd></div>
</dl>
</article>
`;
}

/** Kind of the claim and where the authors make it. */
export function whereClaimed({ kind, where, derived }: ClaimReport): string {
  const by = derived ? "derived: the authors do not make it" : "";
  return [kind, where === "derived" ? "" : where, by].filter((part) => part !== "").join(" · ");
}

/** An outcome with its text, whose own first words are left out where they repeat the outcome. */
function told({ outcome: state, text }: ClaimReport["authors"], link: Linker): Markup {
  const rest = text.startsWith(state) ? text.slice(state.length) : text === "" ? "" : ` ${text}`;
  return markup`${outcome(state)}${rest === "" ? null : markup`<span class="detail">${link(rest)}</span>`}`;
}

function oursMarkup(claim: ClaimReport, { root, link }: ClaimSetting): Markup {
  if (claim.ours.length === 0) return outcome(withoutRuns(claim));
  const lines = claim.ours.map(({ scale, verdict, text, reason }) => {
    const words = [text, reason === claim.reason ? "" : reason].filter((part) => part !== "").join("; ");
    const at = markup`<a href="${root}runs.html#${scaleAnchor(scale)}">${scale}</a>`;
    return markup`<li>${outcome(verdict)} <span class="detail">at ${at}${
      words === "" ? null : [": ", link(words)]
    }</span></li>
`;
  });
  return markup`<ul>
${lines}</ul>
`;
}
