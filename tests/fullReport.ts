import { EXPERIMENTS } from "../experiments/mod.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { entered } from "../records/ledger.ts";
import { saveRecord } from "../records/store.ts";
import { loadReport } from "../reports/loadReport.ts";
import type { Report } from "../reports/model.ts";
import { type MadeUpRecord, madeUpRecords } from "./madeUpRecords.ts";

/**
 * Made-up records of every experiment at profile ci, each phase once, with a little noise, and twelve seeds of Table 17 at
 * profile laptop, seven of them on another machine: about 300 in all.
 */
export function fullRecords(): MadeUpRecord[] {
  const numbers = (row: string, seed: number) => ({
    top1: 40 + (row.length * 7 + seed * 3) % 20 + seed / 4,
    top5: 80 + row.length % 9,
    seconds: 20 - row.length % 6,
  });
  const small: MadeUpRecord[] = [];
  for (const experiment of EXPERIMENTS) small.push(...madeUpRecords({ experiment, numbers, there: small }));
  const here = madeUpRecords({ experiment: table17, profile: "laptop", seeds: [0, 1, 2, 3, 4], numbers });
  const there = madeUpRecords({
    profile: "laptop",
    seeds: [5, 6, 7, 8, 9, 10, 11],
    numbers,
    change: (record) => ({ ...record, machine: { ...record.machine, cpu: "Another CPU" } }),
  });
  return [...small, ...here, ...there];
}

/** The report of these records, one of which the ledger misses, from the last to the first or the other way round. */
export async function fullReport({ reversed = false } = {}): Promise<Report> {
  const [lost, ...others] = fullRecords().toReversed();
  return await loadReport({
    records: reversed ? others.toReversed() : others,
    lost: [{ ...entered([], [lost])[0], lost: "missing" }],
  });
}

// deno run -A tests/fullReport.ts FOLDER: writes the records there, to look at a large report or to time one.
if (import.meta.main) {
  const [folder] = Deno.args, records = fullRecords();
  for (const { record } of records) await saveRecord(folder, record);
  console.log(`${records.length} records in ${folder}`);
}
