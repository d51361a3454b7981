import type { MeasuredCell, MeasuredColumn, MeasuredRow, RecordLink, ScaleReport, TableReport } from "../../model.ts";
import {
  absence,
  type ComparedColumn,
  comparedColumns,
  loggedCell,
  printedRatio,
  rowState,
  scaleRows,
  type Source,
  unjudged,
} from "../comparison.ts";
import { blankAfter, difference, ours, shortened } from "../numbers.ts";
import { cellMark, whereCell, whereLogged } from "../words.ts";
import { recordPath } from "../paths.ts";
import { rowAnchor, scaleAnchor } from "./addresses.ts";
import { outcome } from "./badge.ts";
import { type DataCell, type DataColumn, dataTable, emptyCell } from "./dataTable.ts";
import { joined, type Markup, markup } from "./markup.ts";

const sourceNames: Readonly<Record<Source, string>> = { published: "print", logs: "logs", ours: "ours" };

/** Our runs of one scale beside the print and the logs, with the facts that the runs share. */
export function scaleSection(table: TableReport, scale: ScaleReport): Markup {
  const compared = comparedColumns(table, scale);
  const facts = scale.facts.map((fact) =>
    markup`<li>${fact}</li>
`
  );
  const rows = scaleRows(table, scale).map(({ label, row }) => ({
    head: row.like === "" ? markup`<a href="#${rowAnchor(row.key)}">${label}</a>` : markup`${label} (not in print)`,
    cells: [
      ...compared.flatMap(({ column, sources }) =>
        sources.map((source) => cellOf({ table, scale, row, column }, source))
      ),
      row.state === "run" && !row.timesAlone ? { content: row.n, value: row.n } : emptyCell(rowState(table, row)),
      recordsCell(row),
    ],
  }));
  const columns = [
    ...compared.flatMap((column) => headsOf(column, scale)),
    { head: "n", group: "Runs", numeric: true },
    { head: "files", group: "Runs", numeric: false },
  ];
  return markup`<section id="${scaleAnchor(scale.id)}">
<h3>Scale <a href="../runs.html#${scaleAnchor(scale.id)}">${scale.id}</a>${
    scale.published ? " (the scale of the print)" : ""
  }</h3>
<details>
<summary>What was run</summary>
<ul class="facts">
${facts}</ul>
</details>
${dataTable({ id: `ours-${scaleAnchor(scale.id)}`, caption: captionOf(scale), corner: "Row", columns, rows })}</section>
`;
}

function captionOf({ id, published }: ScaleReport): string {
  const compared = published ? "" : " Values that depend on the scale stand beside the print but are not judged.";
  return `The print, the author’s logs and our runs at scale ${id}. Ours: mean over n seeds, with the half-width of the ` +
    `95 % interval from three seeds on; below it the difference to the print, and the verdict.${compared}`;
}

function headsOf({ column, sources }: ComparedColumn, scale: ScaleReport): DataColumn[] {
  const group = column.unit === "" ? column.label : `${column.label} (${column.unit})`;
  return sources.map((source) => ({
    head: sourceNames[source],
    unit: source === "ours" ? unjudged(scale, column) : undefined,
    group,
    numeric: true,
  }));
}

interface Place {
  table: TableReport;
  scale: ScaleReport;
  row: MeasuredRow;
  column: MeasuredColumn;
}

function cellOf(place: Place, source: Source): DataCell {
  const { table, row, column } = place;
  if (source === "published") return publishedCell(table, row.key, column);
  if (source === "ours") return oursCell(place);
  const logged = loggedCell(table, row.key, column.key);
  if (logged === undefined) return emptyCell("no log");
  const others = table.authors.filter((cell) => cell.column === column.key).map(({ value }) => value);
  return {
    content: [shortened(logged.value), blankAfter(logged.value, others)],
    value: logged.value,
    title: whereLogged(logged),
  };
}

function publishedCell(table: TableReport, row: string, column: MeasuredColumn): DataCell {
  const value = column.published[row];
  if (value === undefined) return emptyCell("no print");
  const isPrinted = table.columns.some(({ key }) => key === column.key);
  const title = isPrinted
    ? whereCell(table, row, column.key)
    : `computed from printed columns of the row; ${whereCell(table, row, "")}`;
  return {
    content: markup`<a href="#${rowAnchor(row)}">${shortened(value)}</a>${
      blankAfter(value, Object.values(column.published))
    }`,
    value,
    title,
  };
}

function oursCell({ scale, row, column }: Place): DataCell {
  const cell = row.cells[column.key];
  if (cell === undefined) return emptyCell(absence(row, column.key));
  const words = [
    ...cell.difference === null || cell.verdict === "no print" ? [] : [difference(cell, column)],
    ...cell.n === row.n ? [] : [`n = ${cell.n}`],
  ];
  const below = [
    words.join(" · "),
    verdictShown({ scale, row, column }, cell)
      ? [" ", outcome(cell.verdict, cellMark(cell, printedRatio(row, column)))]
      : null,
  ];
  const content = markup`<span class="ours">${ours(cell, column)}</span><span class="below">${below}</span>`;
  return { content, value: cell.mean, title: cell.verdict };
}

/** A verdict that stands in the column's head is not repeated, nor that there is no print where one is shown. */
function verdictShown({ scale, row, column }: Omit<Place, "table">, { verdict }: MeasuredCell): boolean {
  if (unjudged(scale, column) !== undefined) return false;
  return verdict !== "no print" || column.published[row.key] === undefined;
}

function recordsCell({ records, state }: MeasuredRow): DataCell {
  if (records.length === 0) return emptyCell(state === "run" ? "no file" : state);
  const seeds = [...Map.groupBy(records, ({ seed }) => seed)];
  return { content: joined(seeds.map(([, links]) => recordLinks(links, "../")), markup`<br>`) };
}

/** The records of one seed with links to their files; a word instead of a link where the file is lost. */
export function recordLinks(links: RecordLink[], root: "" | "../"): Markup {
  const each = links.map(({ id, kind, href, lost }) => {
    const name = markup`<code>${id.slice(0, 8)}</code>`;
    const file = lost ? markup`${name} ${outcome(lost)}` : markup`<a href="${root}${recordPath(href)}">${name}</a>`;
    return markup`${kind} ${file}`;
  });
  return markup`seed ${links[0].seed} ${joined(each, ", ")}`;
}
