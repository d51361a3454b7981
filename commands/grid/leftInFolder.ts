import { join } from "node:path";
import { z } from "zod";
import { exists, readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { recordId } from "../../records/identity.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { parseRecord } from "../../records/store.ts";

/** Where a finished phase leaves its record in its folder. */
const RECORD = "record.json";
/** Where a phase says what it is, and with how many threads it was begun. */
const PHASE = "phase.json";
const CHECKPOINT = /^checkpoint-(\d{8,})\.json$/;

const begunSchema = z.object({ engine: z.object({ name: z.string(), threads: z.int().positive() }) });

/** The record that a phase has left in its folder, or what is wrong with it. */
export interface LeftRecord {
  path: string;
  /** SHA-256 of the record, and the record, if it is one and of this phase. */
  found?: { id: string; record: PhaseRecord };
  problem?: string;
}

/** Looks for the record of a phase. */
export async function leftRecord(folder: string, key: string): Promise<LeftRecord> {
  const path = join(folder, RECORD);
  if (!await exists(path)) return { path };
  try {
    const record = parseRecord(path, await json(path));
    if (record.key === key) return { path, found: { id: recordId(record), record } };
    return { path, problem: `Cannot use ${path}: it is the record of phase ${record.key}, want that of ${key}` };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path, problem: error.message };
  }
}

/** How many threads a phase was begun with: it goes on with no other number. Where that is broken, its process says so. */
export async function begunThreads(folder: string): Promise<number | undefined> {
  const path = join(folder, PHASE);
  if (!await exists(path)) return undefined;
  const begun = begunSchema.safeParse(await json(path).catch(() => undefined));
  return begun.success && begun.data.engine.name === "compiled" ? begun.data.engine.threads : undefined;
}

/** The number of steps after which the newest checkpoint was written; its JSON is there once it is whole. */
export async function stepsDone(folder: string): Promise<number | undefined> {
  if (!await exists(folder)) return undefined;
  let most: number | undefined;
  for await (const { name } of Deno.readDir(folder)) {
    const [, digits] = CHECKPOINT.exec(name) ?? [];
    if (digits !== undefined) most = Math.max(most ?? 0, Number(digits));
  }
  return most;
}

/** Whether a phase has left its weights after so many epochs. */
export async function hasWeights(folder: string, epochs: number): Promise<boolean> {
  return await exists(join(folder, `weights-${epochs}.safetensors`));
}

async function json(path: string): Promise<unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(await readWhole(path)));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot use ${path}: it is no JSON, want what a phase has written`);
  }
}
