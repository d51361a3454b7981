import { LOCALMIM_VIT_B } from "../core/methods/localmim/config.ts";
import { buildReport, type ReportInput } from "./buildReport.ts";
import type { Report } from "./model.ts";
import type { ResultsFolder } from "../records/folder.ts";
import { loadAuthorsCells, loadAuthorsRuns } from "./sources/authors.ts";
import { loadClaimSets, loadClaimSources } from "./sources/claimSets.ts";

/**
 * Reads everything that a report rests on besides the results, and builds it.
 *
 * @param results what a folder of them holds; nothing unless given
 * @throws {UserError} when a data file of this folder does not fit
 */
export async function loadReport(
  { records = [], times = [], lost = [], unusable = [] }: Partial<ResultsFolder> = {},
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
    lost,
    unusable: unusable.map(({ reason }) => reason),
    model: LOCALMIM_VIT_B,
  };
  return await buildReport(input);
}
