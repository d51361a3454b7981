import { EXPERIMENTS } from "../experiments/mod.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { entered } from "../records/ledger.ts";
import { loadReport } from "../reports/loadReport.ts";
import type { Report } from "../reports/model.ts";
import { type MadeUpRecord, madeUpRecords } from "./madeUpRecords.ts";

/**
 * Made-up records of every experiment at profile ci, each phase once, with a little noise, and three seeds of Table 17 at
 * profile laptop, the last one on another machine: about 230 in all.
 */
export function fullRecords(): MadeUpRecord[] {
  const numbers = (row: string, seed: number) => ({
    top1: 40 + (row.length * 7 + seed * 3) % 20 + seed / 4,
    top5: 80 + row.length % 9,
    seconds: 20 - row.length % 6,
  });
  const small: MadeUpRecord[] = [];
  for (const experiment of EXPERIMENTS) small.push(...madeUpRecords({ experiment, numbers, there: small }));
  const here = madeUpRecords({ experiment: table17, profile: "laptop", seeds: [0, 1], numbers });
  const there = madeUpRecords({
    profile: "laptop",
    seeds: [2],
    numbers,
    change: (record) => ({ ...record, machine: { ...record.machine, cpu: "Another CPU" } }),
  });
  return [...small, ...here, ...there];
}

/** The report of these records, one of which the ledger misses. */
export async function fullReport(): Promise<Report> {
  const records = fullRecords(), [lost, ...others] = records.toReversed();
  return await loadReport(others, entered([], [lost]));
}
