import { exists } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readResult, resultFiles, type StoredResult } from "../../records/store.ts";

/** The results of a folder, checked. */
export interface KeptResults {
  verified: StoredResult[];
  /** What is wrong with the files that do not check, by path. */
  broken: Map<string, string>;
}

/** Reads every result of a folder: its hash has to be its name, and its content has to fit the schema. */
export async function keptResults(folder: string): Promise<KeptResults> {
  const verified: StoredResult[] = [], broken = new Map<string, string>();
  for (const path of await exists(folder) ? await resultFiles(folder) : []) {
    try {
      verified.push(await readResult(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      broken.set(path, error.message);
    }
  }
  return { verified, broken };
}
