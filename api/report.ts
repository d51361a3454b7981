/**
 * Records of training, and the report that sets them beside the printed tables, figures and claims.
 *
 * It needs `--allow-read`.
 *
 * @module
 */
export { UserError } from "../core/errors.ts";
export type { PhaseKind } from "../records/phase.ts";
export {
  hoursPerEpoch,
  knnTop1,
  linearTop1,
  pretrainLoss,
  type Reading,
  top1,
  top5,
  totalHours,
} from "../records/readings.ts";
export type { Epoch, Metrics, PhaseEvent, PhaseRecord, RanksSpan } from "../records/record.ts";
export { loadRecords, readRecord, type StoredRecord } from "../records/store.ts";
export { reportOf } from "./planning/reportOf.ts";
