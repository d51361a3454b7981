import { paperProfile } from "../judging/verdicts.ts";
import type { ClaimReport, MeasuredRow, RunLink, ScaleReport, TableReport } from "../model.ts";
import type { AuthorsCell } from "../vocabulary.ts";
import type { PublishedTable } from "../sources/publishedSchema.ts";
import { measuredCells, publishedValues } from "./cells.ts";
import { computedCells } from "./computed.ts";
import { type Measure, measures } from "./measures.ts";
import { paperOf, tableNumber } from "../sources/workIds.ts";
import type { Scale } from "./scales.ts";
import { observed } from "./values.ts";

/** What a table's page is made from, besides the table. */
export interface TableSources {
  authors: AuthorsCell[];
  scales: Scale[];
  claims: ClaimReport[];
}

/** How runs fill a table; undefined where no experiment does. */
export function measureOf(table: string): Measure | undefined {
  return measures.find((measure) => measure.table === table);
}

/** One published table beside the author's logs and our runs. */
export function tableReport(table: PublishedTable, { authors, scales, claims }: TableSources): TableReport {
  const { id, title, section, kind = "result", model, dataset, recipe, columns, rows, doubts } = table;
  const measure = measureOf(id);
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
    scales: measure ? scales.map((scale) => scaleReport(scale, measure, table)) : [],
    computed: computedCells(table),
    claims,
  };
}

function scaleReport(scale: Scale, measure: Measure, table: PublishedTable): ScaleReport {
  const { id, profile, block, facts } = scale;
  const cells = block ? measuredCells(observed(block, measure), measure, table, profile) : [];
  const printed = publishedValues(measure, table);
  return {
    id,
    profile,
    published: profile === paperProfile,
    facts,
    columns: measure.shown.map(({ key, label, unit, decimals, reading }) => ({
      key,
      label,
      unit,
      decimals,
      meaning: reading === "ratio" ? "relative" : "scale",
      published: printed[key],
    })),
    rows: table.rows.map(({ key }) => {
      const own = cells.filter(({ row }) => row === key);
      const runs = runLinks(scale, measure.rows[key]);
      return {
        key,
        state: rowState(runs),
        n: Math.max(0, ...own.map(({ n }) => n)),
        runs,
        cells: Object.fromEntries(own.map(({ row: _row, column, ...cell }) => [column, cell])),
      };
    }),
  };
}

function rowState(runs: RunLink[]): MeasuredRow["state"] {
  if (runs.some(({ missing }) => !missing)) return "run";
  return runs.length > 0 ? "missing" : "not run";
}

function runLinks({ block, missing }: Scale, row: string | undefined): RunLink[] {
  const present = (block?.runs ?? []).filter(({ result }) => result.row === row)
    .map(({ id, href, result: { seed } }) => ({ id, seed, href, missing: false }));
  const gone = missing.filter((entry) => entry.row === row)
    .map(({ id, seed }) => ({ id, seed, href: "", missing: true }));
  return [...present, ...gone].sort((a, b) => a.seed - b.seed || (a.id < b.id ? -1 : 1));
}
