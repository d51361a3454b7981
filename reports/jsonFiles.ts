import type { Report } from "./model.ts";
import { allClaims } from "./render/claimGroups.ts";

/**
 * The machine-readable side of a report: `claims.json` holds every claim, `tables/<id>.json` each table with its cells,
 * `report.json` the scales, the figures' titles and the figures that cannot be drawn.
 *
 * @returns text by path in the report's folder
 */
export function jsonFiles(report: Report): Map<string, string> {
  const { tables, figures, undrawn, scales } = report;
  return new Map([
    ["claims.json", json(allClaims(report))],
    ["report.json", json({ scales, figures: figures.map(({ svg: _svg, csv: _csv, ...figure }) => figure), undrawn })],
    ...tables.map((table): [string, string] => [`tables/${table.id}.json`, json(table)]),
  ]);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}
