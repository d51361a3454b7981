import { estimated, fixed } from "../../format.ts";
import { MISSES } from "../../judging/statistics.ts";
import type { Report, ScaleReport } from "../../model.ts";
import { tablePath } from "../paths.ts";
import type { Comparison } from "../comparisons.ts";
import { type Difference, differencesOf, isClear } from "../differences.ts";
import { leftOfGain } from "./leftOfGain.ts";
import { escaped, linked, mdTable } from "./syntax.ts";

/**
 * How far rows are apart that differ in one thing, by pairs of one seed in one environment: for each scale at which intervals can
 * be given, or else for the first one, a sentence that says what they decide, and all differences.
 *
 * @param folder address of the report's folder as the page links to it
 * @returns nothing where no pair was run
 */
export function comparisonSection(report: Report, comparison: Comparison, folder: string): string[] {
  const table = report.tables.find(({ id }) => id === comparison.table);
  const found = (table?.scales ?? []).map((scale) => ({ scale, differences: differencesOf(scale, comparison) }))
    .filter(({ differences }) => differences.length > 0);
  if (!table || found.length === 0) return [];
  const decided = found.filter(({ differences }) =>
    differences.some(({ byColumn }) => [...byColumn.values()].some(({ half }) => half !== null))
  );
  const shown = decided.length > 0 ? decided : found.slice(0, 1);
  return [
    `### ${comparison.heading}`,
    ...shown.flatMap(({ scale, differences }) => {
      const name = linked(`${table.number} at ${scale.settings}`, `${folder}/${tablePath(table.id, "md")}`);
      return scaleText(name, scale.columns, differences, comparison);
    }),
  ];
}

/** What was found at one scale: a sentence and a table. */
function scaleText(
  name: string,
  all: ScaleReport["columns"],
  differences: Difference[],
  comparison: Comparison,
): string[] {
  const columns = all.filter(({ key }) => comparison.columns.includes(key))
    .filter(({ key }) => differences.some(({ byColumn }) => byColumn.has(key)));
  const times = differences.flatMap(({ time }) => time ?? []), timed = times.length > 0;
  const rows = differences.map(({ row, against, byColumn, time }) => [
    escaped(row.label),
    escaped(against.label),
    String(Math.max(...[...byColumn.values()].map(({ n }) => n))),
    ...columns.map(({ key, decimals }) => {
      const difference = byColumn.get(key);
      if (!difference) return "";
      const text = estimated(difference, decimals, true);
      return isClear(difference) ? `**${text}**` : text;
    }),
    ...(timed ? [time ? estimated(time, 3) : ""] : []),
  ]);
  const [first] = comparison.columns.flatMap((key) => columns.filter((column) => column.key === key));
  return [
    `${name}: differences in points, means over n paired seeds with 95 % intervals${
      timed ? `, times over ${Math.min(...times.map(({ n }) => n))} repeats` : ""
    }. ${inWords(differences, columns)}`,
    mdTable(
      ["", "against", "n", ...columns.map(({ label }) => escaped(label)), ...(timed ? ["time, of the other's"] : [])],
      rows,
    ),
    leftOfGain(differences, first),
  ].filter((part) => part !== "");
}

/** How many differences are larger than their intervals, in words. */
function inWords(differences: Difference[], columns: ScaleReport["columns"]): string {
  const all = differences.flatMap(({ byColumn }) => columns.flatMap(({ key }) => byColumn.get(key) ?? []));
  const clear = all.filter(isClear);
  if (all.every(({ half }) => half === null)) return "Undecided: no pair has three seeds.";
  if (clear.length === 0) return `None of the ${all.length} is larger than its interval.`;
  return `In bold, ${clear.length} of ${all.length}: larger than their intervals, each by itself; of ${all.length} that are ` +
    `nothing, ${fixed(MISSES * all.length, 1)} would be on average.`;
}
