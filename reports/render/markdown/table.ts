import type { FigureReport, MeasuredColumn, MeasuredRow, RecordLink, ScaleReport, TableReport } from "../../model.ts";
import {
  absence,
  comparedColumns,
  computedColumns,
  loggedCell,
  loggedColumns,
  printedRatio,
  rowState,
  scaleRows,
  type Source,
} from "../comparison.ts";
import { difference, ours, shortened } from "../numbers.ts";
import { recordPath } from "../paths.ts";
import { cellMark, figureTitle, sources, spaced, tableTitle } from "../words.ts";
import { claimTable } from "./claims.ts";
import { figureMarkdown } from "./figure.ts";
import { escaped, linked, type MdColumn, mdDocument, mdList, mdTables } from "./syntax.ts";

/**
 * One table with the print, the logs, our runs, its figures and the claims.
 *
 * @param figures all of the report
 * @param checks whether what stands with the table are cross-checks
 */
export function tableMarkdown(table: TableReport, figures: FigureReport[], checks: boolean): string {
  const own = figures.filter(({ tables }) => tables.includes(table.id));
  return mdDocument([
    `# ${escaped(tableTitle(table))}`,
    facts(table),
    "## Printed values",
    printed(table),
    mdList(table.rows.filter(({ note }) => note !== "").map(({ label, note }) => escaped(`${label}: ${note}`))),
    "## Our runs",
    ...runs(table),
    ...titled(
      "Figures",
      own.flatMap((figure) => [`### ${escaped(figureTitle(figure))}`, figureMarkdown(figure, "../")]).join("\n\n"),
    ),
    ...titled("What is doubtful about the print", mdList(table.doubts.map(escaped))),
    ...titled(checks ? "Cross-checks" : "Claims", table.claims.length === 0 ? "" : claimTable(table.claims)),
    `[All tables](../README.md#tables) · [All claims](../claims.md)`,
  ]);
}

function titled(title: string, content: string): string[] {
  return content === "" ? [] : [`## ${title}`, content];
}

function facts(table: TableReport): string {
  const recipe = Object.entries(table.recipe).map(([key, value]) => `${spaced(key)}: ${value}`);
  const lines = [
    `${sources[table.paper]}, section ${table.section}`,
    `model: ${table.model}`,
    `data set: ${table.dataset}`,
    ...recipe,
  ];
  return mdList(lines.map(escaped));
}

function printed(table: TableReport): string {
  const column = (head: string, cell: (row: TableReport["rows"][number]) => string): MdColumn[] => [
    { head: escaped(head), cells: table.rows.map(cell) },
  ];
  return mdTables({ head: "Row", cells: table.rows.map(({ label }) => escaped(label)) }, [
    ...table.columns.map(({ key, label, unit }) =>
      column(unit === "" ? label : `${label} (${unit})`, ({ values }) => escaped(String(values[key] ?? "")))
    ),
    ...loggedColumns(table).map(({ key, label }) =>
      column(`author's logs: ${label}`, (row) => loggedText(table, row.key, key))
    ),
    ...computedColumns(table).map(({ key, label }) =>
      column(`computed: ${label}`, (row) => computedText(table, row.key, key))
    ),
  ]);
}

function loggedText(table: TableReport, row: string, column: string): string {
  const cell = loggedCell(table, row, column);
  return cell === undefined ? "no log" : shortened(cell.value);
}

function computedText(table: TableReport, row: string, column: string): string {
  const cell = table.computed.find((cell) => cell.row === row && cell.column === column);
  return cell === undefined ? "not computed" : `${escaped(String(cell.value))} (${cell.verdict})`;
}

function runs(table: TableReport): string[] {
  if (table.kind === "definition") return ["The table defines something: there is nothing to run."];
  if (table.scales.length === 0) {
    const why = table.rows.flatMap(({ key, label }) =>
      key in table.unfilled ? [escaped(`${label}: not run: ${table.unfilled[key]}`)] : []
    );
    return ["Nothing of this table was run: every cell is not run.", mdList(why)];
  }
  return table.scales.flatMap((scale) => [
    `### Scale ${escaped(scale.id)}`,
    mdList(scale.facts.map(escaped)),
    scaleTable(table, scale),
  ]);
}

function scaleTable(table: TableReport, scale: ScaleReport): string {
  const rows = scaleRows(table, scale), labels = rows.map(({ label }) => escaped(label));
  const names = { published: "published", logs: "author's logs", ours: "ours" };
  const groups = comparedColumns(table, scale).map(({ column, sources }) =>
    sources.map((source): MdColumn => ({
      head: escaped(`${column.label}${column.unit === "" ? "" : `, ${column.unit}`}: ${names[source]}`),
      cells: rows.map(({ row }) => sourceText(table, row, column, source)),
    }))
  );
  const runs = { head: "runs", cells: rows.map(({ row }) => escaped(rowState(table, row))) };
  const files = rows.filter(({ row }) => row.records.length > 0)
    .map(({ label, row }) => `${escaped(label)}: ${recordsText(row.records)}`);
  return [
    mdTables({ head: "Row", cells: labels }, [...groups, [runs]]),
    ...(files.length === 0 ? [] : ["Files:", mdList(files)]),
  ].join("\n\n");
}

function sourceText(table: TableReport, row: MeasuredRow, column: MeasuredColumn, source: Source): string {
  if (source === "ours") return oursText(row, column);
  if (source === "logs") return loggedText(table, row.key, column.key);
  const value = column.published[row.key];
  return value === undefined ? "no print" : shortened(value);
}

function oursText(row: MeasuredRow, column: MeasuredColumn): string {
  const cell = row.cells[column.key];
  if (cell === undefined) return escaped(absence(row, column.key));
  const { sign } = cellMark(cell, printedRatio(row, column));
  const verdict = sign === "?" && cell.verdict === "reproduced" ? "reproduced?" : cell.verdict;
  const words = [difference(cell, column), verdict].filter((part) => part !== "").join(", ");
  return `${ours(cell, column)} (${words})`;
}

/** Links to a row's records, a line for each seed. */
function recordsText(links: RecordLink[]): string {
  const seeds = [...Map.groupBy(links, ({ seed }) => seed)];
  return seeds.map(([seed, own]) => `seed ${seed} ${own.map(recordText).join(", ")}`).join("; ");
}

function recordText({ id, kind, href, lost }: RecordLink): string {
  const name = id.slice(0, 8);
  return `${kind} ${lost ? `${escaped(name)} ${lost}` : linked(name, `../${recordPath(href)}`)}`;
}
