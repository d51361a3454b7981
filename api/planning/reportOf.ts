import { readLedger } from "../../records/ledger.ts";
import { DEFAULT_FOLDER, loadRecords } from "../../records/store.ts";
import { loadReport } from "../../reports/loadReport.ts";
import { reportFiles } from "../../reports/reportFiles.ts";

/**
 * The report on all printed tables, figures and claims beside the author's logs and the records of a folder: the files of the
 * site, the same in Markdown, and the data as JSON. The ledger of the folder is read, not written.
 *
 * @param folder of the records; "results" unless given, which may be absent
 * @returns text by path in the report's folder
 * @throws {UserError} when a record does not check
 * @example The printed accuracies of Table 17
 * ```ts
 * import { reportOf } from "@vitfreeze/vitfreeze/report";
 * import { deepStrictEqual } from "node:assert";
 *
 * const files = await reportOf();
 * const table: { rows: { values: { top1: number } }[] } = JSON.parse(files.get("tables/thesis.table17.json")!);
 * deepStrictEqual(table.rows.map(({ values }) => values.top1), [83.2, 82.66, 82.94, 83.1]);
 * ```
 */
export async function reportOf(folder?: string): Promise<Map<string, string>> {
  const records = await loadRecords(folder), ledger = await readLedger(folder ?? DEFAULT_FOLDER);
  const missing = ledger.filter(({ id }) => !records.some((record) => record.id === id));
  return reportFiles(await loadReport(records, missing));
}
