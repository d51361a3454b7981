import type { LocalMimConfig } from "../core/methods/localmim/config.ts";
import { figuresWithoutNumbers } from "./figures/coverage.ts";
import { drawFigures } from "./figures/figures.ts";
import type { LinkedResult } from "./judging/blocks.ts";
import type { ClaimReport, Report, ScaleSummary } from "./model.ts";
import type { LedgerEntry } from "../records/ledger.ts";
import type { AuthorsRun, LoggedCell } from "./sources/authors.ts";
import type { ClaimSet, ClaimSources } from "./sources/claimSets.ts";
import { isFigure, isTable } from "./sources/publishedWorks.ts";
import { claimReports } from "./tables/claimReports.ts";
import { type Scale, scalesOf } from "./tables/scales.ts";
import { tableReport } from "./tables/tableReport.ts";

/** All that a report rests on. */
export interface ReportInput {
  sources: ClaimSources;
  claimSets: ClaimSet[];
  authorsRuns: AuthorsRun[];
  authorsCells: LoggedCell[];
  /** Checked runs; the order does not matter. */
  results: LinkedResult[];
  /** Runs that the ledger knows and whose files are gone. */
  missing: LedgerEntry[];
  /** The published model, for the cost model. */
  model: LocalMimConfig;
}

/**
 * Builds the report. The same input gives the same report.
 *
 * @throws {UserError} when one row of a scale was run with two configurations
 */
export async function buildReport(input: ReportInput): Promise<Report> {
  const { sources, claimSets, authorsCells, results, missing } = input;
  const works = [...sources.works.values()], tables = works.filter(isTable), published = works.filter(isFigure);
  const scales = scalesOf(results, missing);
  const reports = await claimReports(claimSets, { sources, authors: authorsCells, scales });
  const ofSets = (wanted: (set: ClaimSet) => boolean): ClaimReport[] =>
    claimSets.filter(wanted).flatMap(({ claims }) => claims.map(({ id }) => reports.get(id)!));
  const figures = drawFigures({
    tables: new Map(tables.map((table) => [table.id, table])),
    figures: new Map(published.map((figure) => [figure.id, figure])),
    authors: input.authorsRuns,
    authorsCells,
    results: results.map(({ result }) => result),
    model: input.model,
  });
  return {
    tables: tables.map((table) =>
      tableReport(table, {
        authors: authorsCells.filter((cell) => cell.table === table.id).map(({ table: _table, ...cell }) => cell),
        scales,
        claims: ofSets(({ id }) => id === table.id),
      })
    ),
    textClaims: ofSets(({ kind }) => kind === "text"),
    dmjdClaims: ofSets(({ kind }) => kind === "numbered"),
    crossChecks: ofSets(({ kind }) => kind === "figure" || kind === "crosschecks"),
    figures,
    undrawn: figuresWithoutNumbers(published, figures),
    scales: scales.map(scaleSummary),
  };
}

function scaleSummary({ id, profile, block, facts }: Scale): ScaleSummary {
  const runs = block?.runs.map(({ result }) => result) ?? [];
  const milliseconds = runs.reduce((sum, { start, end }) => sum + Date.parse(end) - Date.parse(start), 0);
  return {
    id,
    profile,
    experiment: runs[0]?.experiment ?? "",
    facts,
    runs: runs.length,
    rows: [...new Set(runs.map(({ row }) => row))].sort(),
    hours: Number((milliseconds / 3.6e6).toFixed(3)),
  };
}
