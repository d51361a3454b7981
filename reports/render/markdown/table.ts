import type { MeasuredColumn, MeasuredRow, RecordLink, ScaleReport, TableReport } from "../../model.ts";
import {
  absence,
  comparedColumns,
  computedColumns,
  loggedCell,
  loggedColumns,
  rowState,
  scaleRows,
} from "../comparison.ts";
import { difference, ours, shortened } from "../numbers.ts";
import { recordPath } from "../paths.ts";
import { sources, spaced, tableTitle } from "../words.ts";
import { claimTable } from "./claims.ts";
import { escaped, linked, mdDocument, mdList, mdTable } from "./syntax.ts";

/** One table with the print, the logs, our runs and the claims. */
export function tableMarkdown(table: TableReport): string {
  return mdDocument([
    `# ${escaped(tableTitle(table))}`,
    facts(table),
    "## Printed values",
    printed(table),
    mdList(table.rows.filter(({ note }) => note !== "").map(({ label, note }) => escaped(`${label}: ${note}`))),
    "## Our runs",
    ...runs(table),
    ...titled("What is doubtful about the print", mdList(table.doubts.map(escaped))),
    ...titled("Claims", table.claims.length === 0 ? "" : claimTable(table.claims)),
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
  const logs = loggedColumns(table), computed = computedColumns(table);
  const heads = [
    "Row",
    ...table.columns.map(({ label, unit }) => escaped(unit === "" ? label : `${label} (${unit})`)),
    ...logs.map(({ label }) => escaped(`author's logs: ${label}`)),
    ...computed.map(({ label }) => escaped(`computed: ${label}`)),
  ];
  const rows = table.rows.map(({ key, label, values }) => [
    escaped(label),
    ...table.columns.map((column) => escaped(String(values[column.key] ?? ""))),
    ...logs.map((column) => loggedText(table, key, column.key)),
    ...computed.map((column) => computedText(table, key, column.key)),
  ]);
  return mdTable(heads, rows);
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
  const compared = comparedColumns(table, scale);
  const names = { published: "published", logs: "author's logs", ours: "ours" };
  const heads = compared.flatMap(({ column, sources }) =>
    sources.map((source) => escaped(`${column.label}${column.unit === "" ? "" : `, ${column.unit}`}: ${names[source]}`))
  );
  const rows = scaleRows(table, scale).map(({ label, row }) => [
    escaped(label),
    ...compared.flatMap(({ column, sources }) =>
      sources.map((source) => {
        if (source === "ours") return oursText(row, column);
        if (source === "logs") return loggedText(table, row.key, column.key);
        const value = column.published[row.key];
        return value === undefined ? "no print" : shortened(value);
      })
    ),
    escaped(rowState(table, row)),
    recordsText(row.records),
  ]);
  return mdTable(["Row", ...heads, "runs", "files"], rows);
}

function oursText(row: MeasuredRow, column: MeasuredColumn): string {
  const cell = row.cells[column.key];
  if (cell === undefined) return escaped(absence(row, column.key));
  const words = [difference(cell, column), cell.verdict].filter((part) => part !== "").join(", ");
  return `${ours(cell, column)} (${words})`;
}

/** Links to a row's records, a line for each seed. */
function recordsText(links: RecordLink[]): string {
  const seeds = [...Map.groupBy(links, ({ seed }) => seed)];
  return seeds.map(([seed, own]) => `seed ${seed} ${own.map(recordText).join(", ")}`).join("<br>");
}

function recordText({ id, kind, href, missing }: RecordLink): string {
  const name = id.slice(0, 8);
  return `${kind} ${missing ? `${escaped(name)} missing` : linked(name, `../${recordPath(href)}`)}`;
}
