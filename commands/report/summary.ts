import type { Report } from "../../reports/model.ts";
import { shortRecord } from "../../cli/files.ts";
import { listed } from "../../core/listed.ts";
import { printable } from "../../core/printable.ts";
import type { ResultsFolder } from "../../records/folder.ts";
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

/** Records that are named; of more, their number. */
const NAMED = 8;

/** What a report was made without: files that do not check and records that are gone; null where there is neither. */
export function notUsed(
  { unusable, lost, starts }: Pick<ResultsFolder, "unusable" | "lost" | "starts">,
): string | null {
  const known = lost.filter(({ lost }) => lost === "missing").map(({ id }) => id);
  const gone = [...known, ...starts].map((id) => id.slice(0, 8));
  const damaged = unusable.map(({ path }) => printable(shortRecord(path)));
  if (gone.length + damaged.length === 0) return null;
  const parts = [
    ...(damaged.length > 0
      ? [`${counted(damaged.length, "file")} that cannot be used (${listed(damaged, NAMED)})`]
      : []),
    ...(gone.length > 0
      ? [`${counted(gone.length, "record")} that ${gone.length === 1 ? "is" : "are"} missing (${listed(gone, NAMED)})`]
      : []),
  ];
  return `The report is written without ${parts.join(" and ")}`;
}
