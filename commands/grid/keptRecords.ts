import { exists } from "../../cli/files.ts";
import { readEach } from "../../records/hashedFile.ts";
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
  const paths = await exists(folder) ? await recordFiles(folder) : [];
  const { read, unusable } = await readEach(paths, readRecord);
  return {
    verified: Map.groupBy(read, ({ record }) => record.key),
    broken: new Map(unusable.map(({ path, reason }) => [path, reason])),
  };
}
