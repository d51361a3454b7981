import type { Report } from "../../reports/model.ts";
import type { Written } from "./output.ts";
import { counted } from "../../reports/format.ts";
import { countsText, tallyText } from "../../reports/render/counts.ts";
import { tallies } from "../../reports/render/overview.ts";

/** What a report holds, for a terminal: counts of tables, figures and claims, and where it lies. */
export function reportSummary(report: Report, index: string, { written, unchanged, removed }: Written): string {
  const own = report.tables.filter(({ scales }) => scales.length > 0).length;
  const links = report.scales.flatMap(({ records }) => records.flatMap(({ links }) => links));
  const records = new Set(links.filter(({ lost }) => lost === null).map(({ id }) => id)).size;
  const lost = report.scales.flatMap(({ facts }) => facts.filter((fact) => /^(Missing|Damaged):/.test(fact)));
  return [
    `${report.tables.length} tables (${own} with runs of ours), ${report.figures.length} figures drawn and ${report.undrawn.length} without numbers, ` +
    `${countsText(report)}, ${counted(records, "record")} of phases`,
    tallyText(report),
    ...tallies(report).map(({ title, counts }) =>
      `${title}: ${counts.map(({ state, count }) => `${count} ${state}`).join(", ")}`
    ),
    ...[...new Set(lost), ...report.warnings].map((line) => `warning: ${line}`),
    `wrote ${index}: ${written} files written, ${unchanged} unchanged, ${removed} removed`,
  ].join("\n");
}
