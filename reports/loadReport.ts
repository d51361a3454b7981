import { LOCALMIM_VIT_B } from "../core/methods/localmim/config.ts";
import { buildReport, type ReportInput } from "./buildReport.ts";
import type { Report } from "./model.ts";
import type { LedgerEntry } from "../records/ledger.ts";
import type { StoredRecord } from "../records/store.ts";
import type { StoredTimes } from "../records/times.ts";
import { loadAuthorsCells, loadAuthorsRuns } from "./sources/authors.ts";
import { loadClaimSets, loadClaimSources } from "./sources/claimSets.ts";

/**
 * Reads everything that a report rests on besides the records, and builds it.
 *
 * @param missing records that the ledger knows and whose files are gone
 * @param times measurements of times
 * @throws {UserError} when a data file of this folder does not fit
 */
export async function loadReport(
  records: StoredRecord[],
  missing: LedgerEntry[],
  times: StoredTimes[] = [],
): Promise<Report> {
  const sources = await loadClaimSources();
  const authorsRuns = await loadAuthorsRuns();
  const input: ReportInput = {
    sources,
    claimSets: await loadClaimSets(sources),
    authorsRuns,
    authorsCells: await loadAuthorsCells(authorsRuns),
    records: records.map(({ id, record }) => ({ id, href: `results/${id}.json`, record })),
    times,
    missing,
    model: LOCALMIM_VIT_B,
  };
  return await buildReport(input);
}
