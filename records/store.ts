import type { z } from "zod";
import { exists } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { canonicalJson } from "./canonical.ts";
import { checkDepth, jsonFiles, readEach, readHashed, saveHashed } from "./hashedFile.ts";
import { type PhaseRecord, phaseRecordSchema, SCHEMA_VERSION } from "./schema.ts";

/** Where records are kept unless the command line says otherwise, relative to the working folder. */
export const DEFAULT_FOLDER = "results";

/** A record read from its file. */
export interface StoredRecord {
  /** SHA-256 of the file, which is also its name. */
  id: string;
  /** Of the file. */
  path: string;
  /** What the file holds. */
  record: PhaseRecord;
}

/**
 * Writes a record as `<folder>/<id>.json`; see `saveHashed`.
 *
 * @throws {UserError} when the record does not fit the schema (a loss is not finite, a hash is malformed, …) or the file
 * cannot be written
 */
export async function saveRecord(folder: string, record: PhaseRecord): Promise<{ id: string; path: string }> {
  parseRecord("the record", JSON.parse(canonicalJson(record)));
  return await saveHashed(folder, record);
}

/**
 * Reads one record's file and checks it; see `readHashed`.
 *
 * @throws {UserError} naming the file, what was found and what was wanted
 * @example
 * ```ts
 * import { loadRecords, readRecord } from "@vitfreeze/vitfreeze/report";
 * import { deepStrictEqual } from "node:assert";
 *
 * const [first] = await loadRecords("results");
 * deepStrictEqual(await readRecord(first.path), first);
 * ```
 */
export async function readRecord(path: string): Promise<StoredRecord> {
  const { id, value: record } = await readHashed(path, parseRecord);
  return { id, path, record };
}

/**
 * The records' files of a folder, sorted by name. Other files are passed over.
 *
 * @param folder the default one, where it is not given: then it may be absent
 * @throws {UserError} when the folder cannot be read
 */
export async function recordFiles(folder?: string): Promise<string[]> {
  if (folder === undefined) return await exists(DEFAULT_FOLDER) ? await recordFiles(DEFAULT_FOLDER) : [];
  return await jsonFiles(folder, "results folder");
}

/**
 * Reads and checks every record of a folder.
 *
 * @param folder the default one, where it is not given: then it may be absent
 * @throws {UserError} when files do not check: one line for each of them, by name
 * @example The project's own records
 * ```ts
 * import { loadRecords } from "@vitfreeze/vitfreeze/report";
 * import { deepStrictEqual } from "node:assert";
 *
 * const records = await loadRecords("results");
 * deepStrictEqual(new Set(records.map(({ record }) => record.kind)), new Set(["vitfreeze.record"]));
 * ```
 */
export async function loadRecords(folder?: string): Promise<StoredRecord[]> {
  const { read, unusable } = await readEach(await recordFiles(folder), readRecord);
  if (unusable.length > 0) throw new UserError(...unusable.map(({ reason }) => reason));
  return read;
}

/**
 * Checks that a value is a record.
 *
 * @param what it is, for the error message
 * @throws {UserError} naming the key that does not fit, or the version that wrote it
 */
export function parseRecord(what: string, value: unknown): PhaseRecord {
  checkDepth(what, value);
  const parsed = phaseRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const version = versionOf(value);
  if (version === 1) {
    throw new UserError(
      `Cannot use ${what}: it holds a whole run (schema 1), want one record a phase (schema ${SCHEMA_VERSION}); ` +
        "run its command again",
    );
  }
  if (typeof version === "number" && version !== SCHEMA_VERSION) {
    const age = version < SCHEMA_VERSION ? "an older" : "a newer";
    throw new UserError(
      `Cannot use ${what}: it was written by ${age} version (schema ${version}), want schema ${SCHEMA_VERSION}`,
    );
  }
  const issue: z.core.$ZodIssue = parsed.error.issues[0];
  throw new UserError(`Cannot use ${what}: at ${issue.path.join(".") || "the top"}: ${issue.message}`);
}

function versionOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "schemaVersion" in value ? value.schemaVersion : undefined;
}
