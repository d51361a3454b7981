/**
 * The report: printed numbers, the authors' logs and our records side by side, and the files that show them.
 *
 * It needs `--allow-read`.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export { loadReport } from "../reports/loadReport.ts";
export type { Report } from "../reports/model.ts";
export { jsonFiles, reportFiles } from "../reports/reportFiles.ts";
