import { exists } from "../cli/files.ts";
import { loadResults, resultFiles, type StoredResult } from "./store.ts";

/** Where results are kept unless the command line says otherwise, relative to the working folder. */
export const defaultFolder = "results";

/** The result files of the named folder; of the default folder, none when it does not exist yet. */
export async function filesOf(folder: string | undefined): Promise<string[]> {
  return folder === undefined && !(await exists(defaultFolder)) ? [] : await resultFiles(folder ?? defaultFolder);
}

/** The checked results of the named folder; of the default folder, none when it does not exist yet. */
export async function resultsOf(folder: string | undefined): Promise<StoredResult[]> {
  return folder === undefined && !(await exists(defaultFolder)) ? [] : await loadResults(folder ?? defaultFolder);
}
