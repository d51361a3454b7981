import type { FigureReport, Report } from "./model.ts";
import { answers } from "./render/answers.ts";
import { allClaims } from "./render/claimGroups.ts";
import { markdownFiles } from "./render/markdown/markdownFiles.ts";
import { siteFiles } from "./render/site/siteFiles.ts";

/** All files of a report, by path in its folder: the site, the same in Markdown, and the data as JSON. */
export function reportFiles(report: Report): Map<string, string> {
  return new Map([...siteFiles(report), ...markdownFiles(report), ...jsonFiles(report)]);
}

/**
 * The machine-readable side of a report: `claims.json` holds every claim, `tables/<id>.json` each table with its cells,
 * `report.json` the answers to the first questions, the scales, the figures' titles and the figures that cannot be drawn.
 *
 * @returns text by path in the report's folder
 */
export function jsonFiles(report: Report): Map<string, string> {
  const { tables, figures, undrawn, scales } = report;
  return new Map([
    ["claims.json", json(allClaims(report))],
    ["report.json", json({ answers: answers(report), scales, figures: figures.map(described), undrawn })],
    ...tables.map((table): [string, string] => [`tables/${table.id}.json`, json(table)]),
  ]);
}

/** A figure without its drawings and its data, which are files of their own. */
function described({ id, title, caption, reading, of, tables }: FigureReport) {
  return { id, title, caption, reading, of, tables };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
