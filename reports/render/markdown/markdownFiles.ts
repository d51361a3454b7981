import type { Report } from "../../model.ts";
import { claimKinds } from "../counts.ts";
import { claimsMarkdown } from "./claims.ts";
import { tablePath } from "../paths.ts";
import { readmeMarkdown } from "./readme.ts";
import { runsMarkdown } from "./runs.ts";
import { tableMarkdown } from "./table.ts";
import { weightsMarkdown } from "./weights.ts";

/**
 * The report as GitHub-flavoured Markdown: path in its folder -> text. The same report gives the same bytes. Its figures
 * and pages are those of the site, in the same folder.
 */
export function markdownFiles(report: Report): Map<string, string> {
  const kinds = claimKinds(report);
  return new Map([
    ["README.md", readmeMarkdown(report)],
    ["claims.md", claimsMarkdown(report)],
    ["runs.md", runsMarkdown(report)],
    ["weights.md", weightsMarkdown(report)],
    ...report.tables.map((table): [string, string] => [
      tablePath(table.id, "md"),
      tableMarkdown(table, report.figures, table.claims.some((claim) => kinds.get(claim) === "check")),
    ]),
  ]);
}
