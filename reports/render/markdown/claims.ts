import type { ClaimReport, Report } from "../../model.ts";
import { claimGroups } from "../claimGroups.ts";
import { countsText, tallyText } from "../counts.ts";
import { mark, verdictMeanings, withoutRuns } from "../words.ts";
import { escaped, linked, mdDocument, mdList, mdTable } from "./syntax.ts";
import { tablePath } from "../paths.ts";

/** All claims by paper and table. */
export function claimsMarkdown(report: Report): string {
  const groups = claimGroups(report).flatMap(({ title, table, claims }) => [
    `## ${table === "" ? escaped(title) : linked(title, tablePath(table, "md"))}`,
    claimTable(claims),
  ]);
  return mdDocument([
    "# Claims",
    `${countsText(report)}, each judged on the printed numbers, on the author's logs and on our runs. ${
      tallyText(report)
    }`,
    mdList(verdictMeanings.map(([verdict, meaning]) => `**${verdict}**: ${meaning}`)),
    ...groups,
  ]);
}

/** Claims with their outcomes in print, in the logs and in our runs. */
export function claimTable(claims: ClaimReport[]): string {
  const rows = claims.map((claim) => [
    escaped(claim.id),
    `${escaped(claim.text)} (${claim.derived ? "derived" : escaped(claim.where || claim.kind)})`,
    told(claim.published),
    told(claim.authors),
    oursText(claim),
    `${mark(claim.verdict).sign} **${claim.verdict}**: ${escaped(claim.reason)}`,
  ]);
  return mdTable(["Id", "Claim", "In print", "Author's logs", "Our runs", "Verdict"], rows);
}

function told({ outcome, text }: ClaimReport["authors"]): string {
  if (text.startsWith(outcome)) return escaped(text);
  return text === "" ? outcome : `${outcome}: ${escaped(text)}`;
}

function oursText(claim: ClaimReport): string {
  if (claim.ours.length === 0) return withoutRuns(claim);
  return claim.ours.map(({ scale, verdict, text }) =>
    `${escaped(scale)}: ${verdict}${text === "" ? "" : `; ${escaped(text)}`}`
  )
    .join("<br>");
}
