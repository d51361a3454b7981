import { join } from "node:path";
import type { z } from "zod";
import { readWhole, reason, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { canonicalJson, sha256 } from "./canonical.ts";
import { type RunResult, runResultSchema } from "./schema.ts";

/** A result read from its file. */
export interface StoredResult {
  /** SHA-256 of the file, which is also its name. */
  id: string;
  path: string;
  result: RunResult;
}

/**
 * Writes a result as `<folder>/<id>.json`, whole or not at all. The file holds the canonical bytes, nothing more, so that
 * `sha256sum` on it prints its name.
 *
 * @throws {UserError} when the result does not fit the schema (a loss is not finite, a hash is malformed, …) or the file
 * cannot be written
 */
export async function saveResult(folder: string, result: RunResult): Promise<{ id: string; path: string }> {
  const text = canonicalJson(result);
  parseResult("the result", JSON.parse(text));
  const id = sha256(text);
  const path = join(folder, `${id}.json`);
  await writeWhole(path, text);
  return { id, path };
}

/**
 * Reads one result file and checks it: its name is the SHA-256 of its bytes, its bytes are canonical JSON, and its
 * content fits the schema.
 *
 * @throws {UserError} naming the file, what was found and what was wanted
 */
export async function readResult(path: string): Promise<StoredResult> {
  const name = path.split(/[/\\]/).at(-1)!;
  const id = name.match(/^([0-9a-f]{64})\.json$/)?.[1];
  if (!id) throw new UserError(`Cannot use ${path}: its name is '${name}', want <SHA-256 of its content>.json`);
  const bytes = await readWhole(path);
  const found = sha256(bytes);
  if (found !== id) throw new UserError(`Cannot use ${path}: the SHA-256 of its content is ${found}, want ${id}`);
  const text = new TextDecoder().decode(bytes);
  const result = parseResult(path, parseJson(path, text));
  if (canonicalJson(result) !== text) {
    throw new UserError(`Cannot use ${path}: its JSON is not in canonical form, want RFC 8785`);
  }
  return { id, path, result };
}

/**
 * The result files of a folder, sorted by name. Other files are passed over.
 *
 * @throws {UserError} when the folder cannot be read
 */
export async function resultFiles(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) if (entry.name.endsWith(".json")) names.push(entry.name);
  } catch (error) {
    throw new UserError(`Cannot read the results folder ${folder}: ${reason(error)}`);
  }
  return names.sort().map((name) => join(folder, name));
}

/**
 * Reads and checks every result of a folder.
 *
 * @throws {UserError} for the first file, by name, that does not check
 */
export async function loadResults(folder: string): Promise<StoredResult[]> {
  const results: StoredResult[] = [];
  for (const path of await resultFiles(folder)) results.push(await readResult(path));
  return results;
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`Cannot use ${path}: not JSON: ${reason(error)}`);
  }
}

function parseResult(what: string, value: unknown): RunResult {
  const parsed = runResultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue: z.core.$ZodIssue = parsed.error.issues[0];
  throw new UserError(`Cannot use ${what}: at ${issue.path.join(".") || "the top"}: ${issue.message}`);
}
