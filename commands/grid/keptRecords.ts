import { exists } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readRecord, recordFiles, type StoredRecord } from "../../records/store.ts";

/** The records of a results' folder, checked. */
export interface KeptRecords {
  /** By the key of their phase; of one phase there may be several, e.g. of two machines. */
  verified: Map<string, StoredRecord[]>;
  /** What is wrong with the files that do not check, by path. */
  broken: Map<string, string>;
}

/** Reads every record of a folder: its hash has to be its name, and its content has to fit the schema. */
export async function keptRecords(folder: string): Promise<KeptRecords> {
  const verified: StoredRecord[] = [], broken = new Map<string, string>();
  for (const path of await exists(folder) ? await recordFiles(folder) : []) {
    try {
      verified.push(await readRecord(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.set(path, error.message);
    }
  }
  return { verified: Map.groupBy(verified, ({ record }) => record.key), broken };
}
