/**
 * Records of training, and the report that sets them beside the printed tables, figures and claims.
 *
 * It needs `--allow-read`.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export type { Reading } from "../records/readings.ts";
export { hoursPerEpoch, knnTop1, linearTop1, pretrainLoss, top1, top5, totalHours } from "../records/readings.ts";
export type { PhaseRecord } from "../records/schema.ts";
export { loadRecords, readRecord, type StoredRecord } from "../records/store.ts";
export type { Report } from "../reports/model.ts";
export { reportFiles } from "../reports/reportFiles.ts";
export { readReport } from "./planning/readReport.ts";
