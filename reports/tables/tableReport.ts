import type { ClaimReport, MeasuredRow, RecordLink, ScaleReport, TableReport } from "../model.ts";
import { sortedLinks } from "../scales/links.ts";
import { settingsName } from "../scales/scale.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { paperOf, tableNumber } from "../sources/workIds.ts";
import type { AuthorsCell } from "../vocabulary.ts";
import { publishedValues, shownCell } from "./cells.ts";
import { computedCells } from "./computed.ts";
import { filledTable } from "./fills.ts";
import type { MeasuredTable } from "./measured.ts";
import type { ShownColumn } from "./shown.ts";
import type { Row } from "./values.ts";
import { tableFacts } from "./tableFacts.ts";

/** What a table's page is made from, besides the table. */
export interface TableSources {
  authors: AuthorsCell[];
  /** The largest scale first. */
  measured: readonly MeasuredTable[];
  claims: ClaimReport[];
}

/** One published table beside the author's logs and our runs. */
export function tableReport(table: PublishedTable, { authors, measured, claims }: TableSources): TableReport {
  const { id, title, section, kind = "result", model, dataset, recipe, columns, rows, doubts } = table;
  return {
    id,
    paper: paperOf(id),
    number: tableNumber(id),
    title,
    section,
    kind,
    model,
    dataset,
    recipe,
    columns,
    rows,
    doubts,
    authors,
    scales: measured.map(scaleReport),
    unfilled: filledTable(table)?.fill.unfilled ?? {},
    computed: computedCells(table),
    claims,
  };
}

/** A table at one scale: every row, with what was measured of it. */
export function scaleReport(measured: MeasuredTable): ScaleReport {
  const { scale, columns } = measured, printed = publishedValues(measured, columns);
  return {
    id: scale.id,
    settings: settingsName(scale),
    published: scale.published,
    facts: tableFacts(measured),
    columns: columns.map(({ key, label, unit, decimals, as }) => ({
      key,
      label,
      unit,
      decimals,
      meaning: as === "ratio" ? "relative" : "scale",
      published: printed[key],
    })),
    rows: measured.rows.map((row) => rowReport(measured, row))
      .filter(({ like, state }) => like === "" || state !== "not run"),
  };
}

/** How times are shown. */
const TIMES: ReadonlySet<ShownColumn["as"]> = new Set(["seconds", "hours", "ratio", "recompiled"]);

function rowReport(measured: MeasuredTable, { key: row, label, like = "" }: Row): MeasuredRow {
  const shown = measured.columns.map((column) => [column.key, shownCell(measured, row, column)] as const);
  const cells = shown.flatMap(([key, found]) => "cell" in found ? [[key, found.cell] as const] : []);
  // Of results the seeds count, not the repeats of a measurement of times.
  const times = measured.columns.filter(({ as }) => TIMES.has(as)).map(({ key }) => key);
  const results = cells.filter(([key]) => !times.includes(key));
  const absent = shown.flatMap(([key, found]) => "absent" in found ? [[key, found.absent] as const] : []);
  const own = measured.values.some((value) => value.row === row), lost = measured.lost.some((one) => one.row === row);
  return {
    key: row,
    label,
    like,
    state: own ? "run" : lost ? "missing" : "not run",
    ...cells.length > 0 && results.length === 0 && times.length < measured.columns.length && { timesAlone: true },
    n: Math.max(0, ...(results.length > 0 ? results : cells).map(([, { n }]) => n)),
    records: recordLinks(measured, row),
    cells: Object.fromEntries(cells),
    absent: Object.fromEntries(absent),
  };
}

/** The records that a row's cells are read from, by seed, then by kind of phase. */
function recordLinks({ values, lost }: MeasuredTable, row: string): RecordLink[] {
  const present = values.filter((value) => value.row === row).flatMap(({ records }) => records)
    .map(({ id, href, record: { phase: { kind, seed } } }): RecordLink => ({ id, kind, seed, href, lost: null }));
  const gone = lost.filter((one) => one.row === row)
    .map(({ id, kind, seed, lost }): RecordLink => ({ id, kind, seed, href: "", lost }));
  return sortedLinks([...present, ...gone]);
}
