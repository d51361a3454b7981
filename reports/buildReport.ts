import type { LocalMimConfig } from "../core/methods/localmim/config.ts";
import type { LostRecord } from "../records/folder.ts";
import { figuresWithoutNumbers } from "./figures/coverage.ts";
import { differenceBand } from "./figures/seedBand.ts";
import { drawFigures, releasedTimes } from "./figures/figures.ts";
import { EXPERIMENTS } from "../experiments/mod.ts";
import type { LinkedTimes } from "./scales/times.ts";
import { decoderShare } from "./logs/decoderShare.ts";
import type { ClaimReport, Report } from "./model.ts";
import type { LinkedRecord } from "./scales/linked.ts";
import { repeatsOf } from "./scales/repeats.ts";
import { scalesOf } from "./scales/scale.ts";
import { scaleSummary } from "./scales/summary.ts";
import type { AuthorsRun, LoggedCell } from "./sources/authors.ts";
import type { ClaimSet, ClaimSources } from "./sources/claimSets.ts";
import { isFigure, isTable } from "./sources/publishedWorks.ts";
import { claimReports } from "./tables/claimReports.ts";
import { filledTable } from "./tables/fills.ts";
import { measuredAt } from "./tables/measured.ts";
import { tableReport } from "./tables/tableReport.ts";

/** All that a report rests on. */
export interface ReportInput {
  sources: ClaimSources;
  claimSets: ClaimSet[];
  authorsRuns: AuthorsRun[];
  authorsCells: LoggedCell[];
  /** Checked records; the order does not matter. */
  records: LinkedRecord[];
  /** Measurements of times. */
  times: LinkedTimes[];
  /** Records that the ledger knows and that cannot be read. */
  lost: LostRecord[];
  /** What is wrong with files that cannot be used, a line each. */
  unusable: string[];
  /** The published model, for the cost model. */
  model: LocalMimConfig;
}

/** Builds the report. The same input gives the same report. */
export async function buildReport(input: ReportInput): Promise<Report> {
  const { sources, claimSets, authorsCells } = input;
  const works = [...sources.works.values()], tables = works.filter(isTable), published = works.filter(isFigure);
  const { scales, warnings } = scalesOf(input.records, input.lost, EXPERIMENTS, input.times);
  const measured = tables.flatMap((table) => {
    const filled = filledTable(table);
    return filled ? measuredAt(scales, filled) : [];
  });
  const printed = {
    tables: new Map(tables.map((table) => [table.id, table])),
    figures: new Map(published.map((figure) => [figure.id, figure])),
    authors: input.authorsRuns,
    authorsCells,
  };
  const grounds = {
    sources,
    authors: authorsCells,
    decoders: decoderShare(input.model.stageBlocks, releasedTimes(printed)),
    measured,
    scales: scales.map(({ id }) => id),
  };
  const reports = await claimReports(claimSets, grounds);
  const ofSets = (wanted: (set: ClaimSet) => boolean): ClaimReport[] =>
    claimSets.filter(wanted).flatMap(({ claims }) => claims.map(({ id }) => reports.get(id)!));
  const figures = drawFigures({ ...printed, measured, seedBand: sources.seedBand, model: input.model });
  return {
    tables: tables.map((table) =>
      tableReport(table, {
        authors: authorsCells.filter((cell) => cell.table === table.id).map(({ table: _table, ...cell }) => cell),
        measured: measured.filter((one) => one.table === table),
        claims: ofSets(({ id }) => id === table.id),
      })
    ),
    textClaims: ofSets(({ kind }) => kind === "text"),
    dmjdClaims: ofSets(({ kind }) => kind === "numbered"),
    crossChecks: ofSets(({ kind }) => kind === "figure" || kind === "crosschecks"),
    figures,
    band: differenceBand(sources.seedBand),
    undrawn: figuresWithoutNumbers(published, figures),
    scales: scales.map(scaleSummary),
    repeats: repeatsOf(input.records),
    warnings: [...warnings, ...input.unusable.map((reason) => `Not used: ${reason}`)],
  };
}
