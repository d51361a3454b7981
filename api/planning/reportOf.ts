import { readResults } from "../../records/folder.ts";
import { loadReport } from "../../reports/loadReport.ts";
import { reportFiles } from "../../reports/reportFiles.ts";

/**
 * The report on all printed tables, figures and claims beside the author's logs and the records of a folder: the files of the
 * site, the same in Markdown, and the data as JSON. A record that does not check is named and
 * marked in its cells. The ledger of the folder is read, not written.
 *
 * @param folder of the records; "results" unless given, which may be absent
 * @returns text by path in the report's folder
 * @throws {UserError} when the folder or its ledger cannot be read
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
  return reportFiles(await loadReport(await readResults(folder)));
}
