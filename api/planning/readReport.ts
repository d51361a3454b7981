import { readLedger } from "../../records/ledger.ts";
import { DEFAULT_FOLDER, loadRecords } from "../../records/store.ts";
import { loadReport } from "../../reports/loadReport.ts";
import type { Report } from "../../reports/model.ts";

/**
 * The report on all printed tables, figures and claims beside the author's logs and the records of a folder, as data. The
 * ledger of the folder is read, not written.
 *
 * @param folder of the records; "results" unless given, which may be absent
 * @throws {UserError} when a record does not check
 * @example What the records of this project say of Table 17
 * ```ts
 * import { readReport } from "@vitfreeze/vitfreeze/report";
 * import { deepStrictEqual } from "node:assert";
 *
 * const { tables } = await readReport();
 * const { rows, columns } = tables.find(({ id }) => id === "thesis.table17")!;
 * deepStrictEqual(rows.map(({ values }) => values.top1), [83.2, 82.66, 82.94, 83.1]);
 * deepStrictEqual(columns.map(({ key }) => key).includes("top1"), true);
 * ```
 */
export async function readReport(folder?: string): Promise<Report> {
  const records = await loadRecords(folder), ledger = await readLedger(folder ?? DEFAULT_FOLDER);
  const missing = ledger.filter(({ id }) => !records.some((record) => record.id === id));
  return await loadReport(records, missing);
}
