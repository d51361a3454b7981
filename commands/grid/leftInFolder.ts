import { exists } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { recordId } from "../../records/identity.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { checkpointSteps } from "../../training/checkpoint/checkpointFiles.ts";
import { finishedRecord, recordPath } from "../../training/phaseFolder.ts";

/** The record that a phase has left in its folder, or what is wrong with it. */
export interface LeftRecord {
  path: string;
  /** SHA-256 of the record, and the record, if it is one and of this phase. */
  found?: { id: string; record: PhaseRecord };
  problem?: string;
}

/** Looks for the record of a phase. */
export async function leftRecord(folder: string, key: string): Promise<LeftRecord> {
  const path = recordPath(folder);
  try {
    const record = await finishedRecord(folder);
    if (!record) return { path };
    if (record.key === key) return { path, found: { id: recordId(record), record } };
    return { path, problem: `Cannot use ${path}: it is the record of phase ${record.key}, want that of ${key}` };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path, problem: error.message };
  }
}

/** The number of steps after which the newest checkpoint was written. */
export async function stepsDone(folder: string): Promise<number | undefined> {
  return await exists(folder) ? (await checkpointSteps(folder)).at(-1) : undefined;
}
