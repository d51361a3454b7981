import { dirname, join } from "node:path";
import type { z } from "zod";
import { exists, readWhole, reason, writeWhole } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { canonicalJson } from "./canonical.ts";
import { sha256 } from "../core/sha256.ts";
import { type PhaseRecord, phaseRecordSchema, SCHEMA_VERSION } from "./schema.ts";

/** Arrays and objects that may stand inside each other; a record has six. */
const MOST_LEVELS = 100;

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
 * Writes a record as `<folder>/<id>.json`, whole or not at all. The file holds the canonical bytes, nothing more, so that
 * `sha256sum` on it prints its name.
 *
 * @throws {UserError} when the record does not fit the schema (a loss is not finite, a hash is malformed, …) or the file
 * cannot be written
 */
export async function saveRecord(folder: string, record: PhaseRecord): Promise<{ id: string; path: string }> {
  const text = canonicalJson(record);
  parseRecord("the record", JSON.parse(text));
  const id = sha256(text);
  const path = join(folder, `${id}.json`);
  await writeWhole(path, text);
  return { id, path };
}

/**
 * Reads one record's file and checks it: its name is the SHA-256 of its bytes, its bytes are canonical JSON, and its
 * content fits the schema.
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
  const name = path.split(/[/\\]/).at(-1)!;
  const id = name.match(/^([0-9a-f]{64})\.json$/)?.[1];
  const bytes = await readWhole(path);
  if (!id) throw new UserError(`Cannot use ${path}: ${await misnamed(path, name, bytes)}`);
  const found = sha256(bytes);
  if (found !== id) throw new UserError(`Cannot use ${path}: the SHA-256 of its content is ${found}, want ${id}`);
  const record = parseRecord(path, parseJson(path, new TextDecoder().decode(bytes)));
  if (sha256(canonicalJson(record)) !== id) {
    throw new UserError(`Cannot use ${path}: its JSON is not in canonical form, want RFC 8785`);
  }
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
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) if (entry.name.endsWith(".json")) names.push(entry.name);
  } catch (error) {
    throw new UserError(`Cannot read the results folder ${folder}: ${reason(error)}`);
  }
  return names.sort().map((name) => join(folder, name));
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
  const records: StoredRecord[] = [], problems: string[] = [];
  for (const path of await recordFiles(folder)) {
    try {
      records.push(await readRecord(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UserError(...problems);
  return records;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`Cannot use ${path}: not JSON: ${reason(error)}`);
  }
}

/**
 * Checks that a value is a record.
 *
 * @param what it is, for the error message
 * @throws {UserError} naming the key that does not fit, or the version that wrote it
 */
export function parseRecord(what: string, value: unknown): PhaseRecord {
  if (isDeeperThan(MOST_LEVELS, value)) {
    throw new UserError(`Cannot use ${what}: it is nested over ${MOST_LEVELS} deep`);
  }
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

/** What is wrong with a file whose name is no hash: it is a copy of a record, or was renamed. */
async function misnamed(path: string, name: string, bytes: Uint8Array): Promise<string> {
  const wanted = `${sha256(bytes)}.json`, twin = join(dirname(path), wanted);
  if (await exists(twin)) return `it is a second copy of ${twin}, want each result once`;
  return `its name is '${name}', want ${wanted}, the SHA-256 of its content`;
}

/**
 * Whether arrays and objects of a JSON value stand inside each other more than so many times. Found level by level: what
 * calls itself for each level would overflow the stack on a hostile file.
 */
function isDeeperThan(limit: number, value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((member) => typeof member === "object" && member !== null ? Object.values(member) : []);
  }
  return false;
}
