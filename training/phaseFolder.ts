import { join } from "node:path";
import { exists, readWhole, writeNew } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { canonicalJson } from "../records/canonical.ts";
import { checkTexts } from "../records/hashedFile.ts";
import { type Phase, phaseKey } from "../records/phase.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { parseRecord } from "../records/store.ts";

const RECORD = "record.json";

/** The name of a phase's folder, e.g. "finetune-localmim-3f0c12ab34cd": kind, method of pre-training, start of the key. */
export function phaseName(phase: Phase): string {
  return `${phase.kind}-${methodName(phase)}-${phaseKey(phase).slice(0, 12)}`;
}

/** The folder in which a phase works, whatever asks for it. */
export function phaseFolder(root: string, phase: Phase): string {
  return join(root, phaseName(phase));
}

/** The method that pre-trains a phase or what it starts from; "scratch" where nothing is pre-trained. */
export function methodName({ kind, config, from }: Phase): string {
  if (kind === "pretrain") return (config.method as { name: string }).name;
  return from ? methodName(from.phase) : "scratch";
}

/** Where a finished phase leaves its record, once and for all. */
export function recordPath(folder: string): string {
  return join(folder, RECORD);
}

/**
 * The record that a finished phase left in its folder.
 *
 * @throws {UserError} when it is broken
 */
export async function finishedRecord(folder: string): Promise<PhaseRecord | undefined> {
  const path = recordPath(folder);
  if (!await exists(path)) return undefined;
  const text = new TextDecoder().decode(await readWhole(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`Cannot use ${path}: it is no JSON, want what a run has written`);
  }
  checkTexts(path, value);
  return parseRecord(path, value);
}

/**
 * Leaves a record in the phase's folder. Of several processes with the same phase, whatever started them, the first to end
 * counts.
 *
 * @returns the record that counts
 */
export async function leaveRecord(folder: string, record: PhaseRecord): Promise<PhaseRecord> {
  return await writeNew(recordPath(folder), canonicalJson(record)) ? record : (await finishedRecord(folder))!;
}
