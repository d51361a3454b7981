import type { Report, ScaleReport, TableReport } from "../../model.ts";
import { counted, estimated, fixed } from "../../format.ts";
import { answers } from "../answers.ts";
import { countsText, tallyText } from "../counts.ts";
import { tallies } from "../overview.ts";
import { shownScale } from "../shownScale.ts";
import { tablePath } from "../paths.ts";
import { answersTable } from "./answers.ts";
import { figureImage } from "./figure.ts";
import { escaped, linked, mdList, mdTable } from "./syntax.ts";

/** The table, its columns and the figure that a README shows. */
const TABLE = "thesis.table17",
  COLUMNS = ["seconds", "ratio", "recompiled", "top1", "drop"],
  FIGURE = "pareto-published";

/**
 * What a README says of the results: answers, picture, counts, Table 17.
 *
 * @param folder address of the report's folder as the README links to it, e.g. "reports/rendered"
 */
export function readmeSection(report: Report, folder: string): string {
  const table = report.tables.find(({ id }) => id === TABLE), at = (path: string) => `${folder}/${path}`;
  const figure = report.figures.find(({ id }) => id === FIGURE);
  const found = answers(report), scale = table && shownScale(table);
  return [
    ...(found.length > 0 ? [answersTable(found)] : []),
    ...(figure ? [figureImage(figure, at(""))] : []),
    countsPart(report, at),
    ...(table && scale ? [scaleText(table, scale, at)] : []),
  ].join("\n\n");
}

function countsPart(report: Report, at: (path: string) => string): string {
  const counts = tallies(report).map(({ title, counts }) =>
    `${escaped(title)}: ${counts.map(({ state, count }) => `${state} ${count}`).join(", ")}.`
  );
  const tables = linked(`${report.tables.length} tables`, at("README.md"));
  const claims = linked(countsText(report), at("claims.md"));
  return `${tables}, ${claims} of three works. ${tallyText(report)}\n\n${mdList(counts)}`;
}

function scaleText(table: TableReport, scale: ScaleReport, at: (path: string) => string): string {
  const columns = scale.columns.filter(({ key }) => COLUMNS.includes(key));
  const heads = columns.flatMap(({ label, published }) =>
    Object.keys(published).length > 0 ? [`${label}: print`, "ours"] : [label]
  );
  const rows = table.rows.map(({ key, label }) => {
    const own = scale.rows.find((row) => row.key === key);
    return [
      escaped(label),
      ...columns.flatMap(({ key: column, published, decimals }) => {
        const cell = own?.cells[column];
        const ours = cell ? estimated(cell, decimals) : own?.state ?? "not run";
        return Object.keys(published).length === 0 ? [ours] : [number(published[key], decimals), ours];
      }),
    ];
  });
  const name = linked(`${table.number} at ${scale.settings}`, at(tablePath(table.id, "md")));
  const records = new Set(scale.rows.flatMap(({ records }) => records.map(({ id }) => id))).size;
  const other = scale.published ? "" : "; accuracies of another scale than the print's";
  return `${name} (${counted(records, "record")}${other}):\n\n${mdTable(["", ...heads], rows)}`;
}

function number(value: number | undefined, decimals: number): string {
  return value === undefined ? "-" : fixed(value, decimals);
}
