import type { MeasuredColumn, ScaleReport, TableReport } from "../model.ts";
import { fixed } from "../format.ts";
import { resultId } from "../../records/identity.ts";
import type { RunResult } from "../../records/schema.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { scalesOf } from "./scales.ts";
import { measureOf, tableReport } from "./tableReport.ts";

const gap = "  ";

/**
 * A published table for a terminal: printed values beside the means of the runs, aligned, one table per scale. Without
 * runs every row says so.
 *
 * @param table one that an experiment fills, e.g. thesis.table17
 * @throws {UserError} when one row of a scale was run with two configurations
 */
export function tableText(table: PublishedTable, runs: RunResult[]): string {
  const linked = runs.map((result) => ({ id: resultId(result), href: "", result }));
  const nothing = { id: "none", profile: "", block: null, missing: [], facts: [] };
  const scales = linked.length > 0 ? scalesOf(linked, []) : [nothing];
  const report = tableReport(table, { authors: [], claims: [], scales });
  return report.scales.map((scale) => scaleText(report, scale)).join("\n");
}

function scaleText(table: TableReport, scale: ScaleReport): string {
  const shown = measureOf(table.id)?.shown ?? [];
  const compared = scale.columns.filter(({ published }) => Object.keys(published).length > 0);
  const short = (column: MeasuredColumn) => shown.find(({ key }) => key === column.key)?.short ?? column.label;
  const heads = ["", ...compared.map(short), ...scale.columns.map(short), "n"];
  const lines = [
    heads,
    ...table.rows.map(({ key, label }) => {
      const { cells, n, state } = scale.rows.find((row) => row.key === key)!;
      const ours = scale.columns.map(({ key, decimals }) => key in cells ? fixed(cells[key].mean, decimals) : "-");
      if (state === "not run") ours[0] = state;
      return [
        label,
        ...compared.map(({ published, decimals }) => number(published[key], decimals)),
        ...ours,
        String(n),
      ];
    }),
  ];
  const widths = heads.map((_, k) => Math.max(...lines.map((cells) => cells[k].length)));
  const left = widths.slice(0, compared.length + 1).reduce((sum, width) => sum + width + gap.length, 0);
  const ours = scale.profile === "" ? "ours (nothing was run)" : `ours (profile ${scale.profile})`;
  const above = `${"".padEnd(widths[0] + gap.length)}published`.padEnd(left) + ours;
  const aligned = lines.map((cells) =>
    cells.map((cell, k) => k === 0 ? cell.padEnd(widths[k]) : cell.padStart(widths[k])).join(gap).trimEnd()
  );
  return [above, ...aligned, ""].join("\n");
}

function number(value: number | undefined, decimals: number): string {
  return value === undefined ? "-" : fixed(value, decimals);
}
