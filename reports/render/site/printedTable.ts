import type { TableReport } from "../../model.ts";
import { computedColumns, loggedCell, loggedColumns, rowState } from "../comparison.ts";
import { blankAfter, blankDigits, decimalsOf, shortened } from "../numbers.ts";
import { whereCell, whereLogged } from "../words.ts";
import { rowAnchor, scaleAnchor } from "./addresses.ts";
import { badge, outcome } from "./badge.ts";
import { type DataCell, type DataColumn, type DataRow, dataTable, emptyCell } from "./dataTable.ts";
import { joined, type Markup, markup } from "./markup.ts";

type Row = TableReport["rows"][number];
type Column = TableReport["columns"][number];

/** From this length on a text cell is wrapped. */
const LONG = 48;

/** The table as printed, each row with an anchor, with the values of the logs and the state of our runs beside it. */
export function printedTable(table: TableReport): Markup {
  const sources = [printed(table), logged(table), computed(table), ours(table)];
  const rows = table.rows.map((row): DataRow => ({
    id: rowAnchor(row.key),
    head: [row.label, noteMark(table, row)],
    cells: sources.flatMap(({ cells }) => cells(row)),
  }));
  const columns = sources.flatMap(({ columns }) => columns);
  return markup`${
    dataTable({
      id: "printed",
      caption: "As printed, with what else is known of each row",
      corner: "Row",
      columns,
      rows,
    })
  }${notes(table)}`;
}

interface SourceColumns {
  columns: DataColumn[];
  cells(row: Row): DataCell[];
}

function printed(table: TableReport): SourceColumns {
  const values = (key: string) => table.rows.map((row) => row.values[key] ?? null);
  const numeric = (key: string) => values(key).every((value) => typeof value !== "string");
  return {
    columns: table.columns.map((column) => ({ ...head(column), group: "Published", numeric: numeric(column.key) })),
    cells: (row) =>
      table.columns.map(({ key }): DataCell => {
        const value = row.values[key] ?? null, title = whereCell(table, row.key, key);
        if (value === null) return emptyCell(markup`<span aria-label="nothing printed">–</span>`, title);
        if (typeof value === "string") return { content: value, title, long: value.length > LONG };
        return { content: [value, numeric(key) ? blankDigits(value, decimalsOf(values(key))) : ""], value, title };
      }),
  };
}

function logged(table: TableReport): SourceColumns {
  const columns = loggedColumns(table);
  return {
    columns: columns.map((column) => ({ ...head(column), group: "Author’s logs", numeric: true })),
    cells: (row) =>
      columns.map(({ key }) => {
        const cell = loggedCell(table, row.key, key);
        if (cell === undefined) return emptyCell("no log");
        const others = table.authors.filter(({ column }) => column === key).map(({ value }) => value);
        return {
          content: [shortened(cell.value), blankAfter(cell.value, others)],
          value: cell.value,
          title: whereLogged(cell),
        };
      }),
  };
}

function computed(table: TableReport): SourceColumns {
  const columns = computedColumns(table);
  const of = (row: Row, { key }: Column) => table.computed.find((cell) => cell.row === row.key && cell.column === key);
  const values = (column: Column) => table.rows.map((row) => of(row, column)?.value);
  return {
    columns: columns.map((column) => ({
      ...head(column),
      group: "Computed by our code",
      numeric: values(column).every((value) => typeof value !== "string"),
    })),
    cells: (row) =>
      columns.map((column) => {
        const cell = of(row, column);
        if (cell === undefined) return emptyCell("not computed");
        const content = markup`${cell.value} ${badge(cell.verdict)}`;
        const value = typeof cell.value === "number" ? cell.value : undefined;
        return { content, value, title: `computed by ${cell.by}`, long: String(cell.value).length > LONG };
      }),
  };
}

/** Whether each row was run, and at which scales; tables that define something have nothing to run. */
function ours(table: TableReport): SourceColumns {
  if (table.kind === "definition") return { columns: [], cells: () => [] };
  return {
    columns: [{ head: "state", group: "Our runs", numeric: false }],
    cells: ({ key }) => {
      if (key in table.unfilled) return [{ ...emptyCell(`not run: ${table.unfilled[key]}`), long: true }];
      const states = table.scales.map((scale) => {
        const row = scale.rows.find((row) => row.key === key);
        const state = row === undefined || row.state === "not run" ? outcome("not run") : rowState(table, row);
        return markup`<a href="#${scaleAnchor(scale.id)}">${scale.id}</a>: ${state}`;
      });
      return [states.length === 0 ? emptyCell("not run") : { content: joined(states, markup`<br>`) }];
    },
  };
}

function head({ label, unit }: Column): { head: string; unit: string } {
  return { head: label, unit };
}

/** Number of the row's note below the table. */
function noteMark(table: TableReport, row: Row): Markup | null {
  if (row.note === "") return null;
  const number = table.rows.filter(({ note }) => note !== "").indexOf(row) + 1;
  return markup`<sup><a href="#note-${number}" aria-label="note ${number}">${number}</a></sup>`;
}

function notes(table: TableReport): Markup | null {
  const noted = table.rows.filter(({ note }) => note !== "");
  if (noted.length === 0) return null;
  const items = noted.map(({ key, label, note }, k) =>
    markup`<li id="note-${k + 1}"><a href="#${rowAnchor(key)}">${label}</a>: ${note}</li>
`
  );
  return markup`<h3>Notes on rows</h3>
<ol class="notes">
${items}</ol>
`;
}
