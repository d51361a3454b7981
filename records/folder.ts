import { readEach, type UnusableFile } from "./hashedFile.ts";
import { entered, type LedgerEntry, readLedger } from "./ledger.ts";
import { DEFAULT_FOLDER, readRecord, recordFiles, type StoredRecord } from "./store.ts";
import { readTimes, type StoredTimes, timesFiles } from "./times.ts";

/** A record that the ledger knows and that is not there to be read. */
export interface LostRecord extends LedgerEntry {
  /** Whether its file is gone, or there and not what was written. */
  lost: "missing" | "damaged";
}

/** All that a folder of results holds. */
export interface ResultsFolder {
  records: StoredRecord[];
  /** Measurements of times. */
  times: StoredTimes[];
  lost: LostRecord[];
  /** Ids of records that others start from, and that neither are there nor were ever. */
  starts: string[];
  /** Files that do not check, those of lost records among them. */
  unusable: UnusableFile[];
  /** What was known so far, with what was found. */
  ledger: { known: LedgerEntry[]; now: LedgerEntry[] };
}

/**
 * Reads a folder of results whole: a file that does not check costs the others nothing, and what was known and is not
 * there is told.
 *
 * @param folder the default one, where it is not given: then it may be absent
 * @throws {UserError} when the folder or its ledger cannot be read
 */
export async function readResults(folder?: string): Promise<ResultsFolder> {
  const where = folder ?? DEFAULT_FOLDER;
  const records = await readEach(await recordFiles(folder), readRecord);
  const times = await readEach(await timesFiles(where), readTimes);
  const known = await readLedger(where), now = entered(known, records.read);
  const there = new Set(records.read.map(({ id }) => id));
  const broken = new Set(
    records.unusable.map(({ path }) => path.slice(-`${"0".repeat(64)}.json`.length, -".json".length)),
  );
  const entries = new Set(now.map(({ id }) => id));
  const starts = records.read.flatMap(({ record: { startedFrom } }) => startedFrom === null ? [] : [startedFrom]);
  return {
    records: records.read,
    times: times.read,
    lost: now.filter(({ id }) => !there.has(id)).map((entry) => ({
      ...entry,
      lost: broken.has(entry.id) ? "damaged" : "missing",
    })),
    starts: [...new Set(starts)].filter((id) => !entries.has(id) && !broken.has(id)).sort(),
    unusable: [...records.unusable, ...times.unusable],
    ledger: { known, now },
  };
}
