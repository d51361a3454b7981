import type { Experiment } from "../experiments/experiment.ts";
import type { LostRecord } from "../records/folder.ts";
import { entered } from "../records/ledger.ts";
import type { PhaseRecord } from "../records/schema.ts";
import type { MeasuredCell, ScaleReport, TableReport } from "../reports/model.ts";
import { scalesOf } from "../reports/scales/scale.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import { filledTable } from "../reports/tables/fills.ts";
import { measuredAt } from "../reports/tables/measured.ts";
import { tableReport } from "../reports/tables/tableReport.ts";
import { type MadeUp, type MadeUpRecord, madeUpRecords } from "./madeUpRecords.ts";

export const rows = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];
export const published = await loadPublishedTable("thesis.table17");

/** Runs of each row and seed; row k has top-1 `top1[k]` plus a seed's noise, and time `seconds[k]`. */
export function study(
  seeds: number,
  top1 = [61.5, 60.2, 60.6, 61.2],
  seconds = [10, 8.7, 8.7, 8.7],
  made: MadeUp = {},
  noise = 0.3,
): MadeUpRecord[] {
  const numbers = (row: string, seed: number) => {
    const k = rows.indexOf(row);
    return { top1: top1[k] + noise * seed, top5: 80 + k, seconds: seconds[k] };
  };
  return madeUpRecords({ seeds: Array.from({ length: seeds }, (_, seed) => seed), numbers, ...made });
}

export function reported(records: MadeUpRecord[], lost: LostRecord[] = [], table = published): TableReport {
  const { scales } = scalesOf(records, lost), filled = filledTable(table);
  return tableReport(table, { authors: [], claims: [], measured: filled ? measuredAt(scales, filled) : [] });
}

export function cell(table: TableReport, row: string, column: string, scale = 0): MeasuredCell {
  return rowOf(table.scales[scale], row).cells[column];
}

export function rowOf({ rows }: ScaleReport, row: string) {
  return rows.find(({ key }) => key === row)!;
}

export const entry = (record: MadeUpRecord): LostRecord => ({ ...entered([], [record])[0], lost: "missing" });

/** The same on another machine, of another commit, a day later. */
export const elsewhere = (record: PhaseRecord): PhaseRecord => ({
  ...record,
  machine: { ...record.machine, cpu: "Other CPU" },
  git: { commit: "2".repeat(40), clean: true },
  start: "2026-01-03T03:04:05Z",
  end: "2026-01-03T03:05:05Z",
});

export const ran = (experiment: Experiment, records: MadeUpRecord[], profile = "ci") => ({
  experiment,
  settings: { profile, set: [] },
  records: records.map(({ record }) => record),
});
