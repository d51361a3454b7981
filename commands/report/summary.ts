import type { Report } from "../../reports/model.ts";
import type { Written } from "./output.ts";
import { counted } from "../../reports/format.ts";
import { allClaims } from "../../reports/render/claimGroups.ts";

/** What a report holds, for a terminal: counts of tables, figures and claims, and where it lies. */
export function reportSummary(report: Report, index: string, { written, unchanged, removed }: Written): string {
  const claims = allClaims(report);
  const own = report.tables.filter(({ scales }) => scales.length > 0).length;
  const links = report.scales.flatMap(({ records }) => records.flatMap(({ links }) => links));
  const records = new Set(links.filter(({ missing }) => !missing).map(({ id }) => id)).size;
  const missing = report.scales.flatMap(({ facts }) => facts.filter((fact) => fact.startsWith("Missing:")));
  return [
    `${report.tables.length} tables (${own} with runs of ours), ${report.figures.length} figures drawn and ${report.undrawn.length} without numbers, ` +
    `${claims.length} claims and checks, ${counted(records, "record")} of phases`,
    counts("on the published numbers", claims.map(({ published }) => published.outcome)),
    counts("on the author's logs", claims.map(({ authors }) => authors.outcome)),
    counts("verdicts", claims.map(({ verdict }) => verdict)),
    ...[...new Set(missing), ...report.warnings].map((line) => `warning: ${line}`),
    `wrote ${index}: ${written} files written, ${unchanged} unchanged, ${removed} removed`,
  ].join("\n");
}

/** "what: 3 of this, 1 of that", the most frequent first. */
function counts(what: string, words: string[]): string {
  const groups = [...Map.groupBy(words, (word) => word)].map(([word, { length }]) => ({ word, length }));
  groups.sort((a, b) => b.length - a.length || (a.word < b.word ? -1 : 1));
  return `${what}: ${groups.map(({ word, length }) => `${length} ${word}`).join(", ")}`;
}
