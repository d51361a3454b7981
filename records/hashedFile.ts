import { dirname, join } from "node:path";
import { exists, readWhole, reason, writeWhole } from "../cli/files.ts";
import { shortened } from "../cli/columns.ts";
import { UserError } from "../core/errors.ts";
import { hidesSomething, printable } from "../core/printable.ts";
import { sha256 } from "../core/sha256.ts";
import { canonicalJson } from "./canonical.ts";

/** Arrays and objects that may stand inside each other; a record has six. */
const MOST_LEVELS = 100;
/** Characters of a text that are shown in a message. */
const MOST_SHOWN = 60;

/**
 * Writes a value as `<folder>/<id>.json`, whole or not at all. The file holds the canonical bytes, nothing more, so that
 * `sha256sum` on it prints its name.
 *
 * @throws {UserError} when the file cannot be written
 */
export async function saveHashed(folder: string, value: unknown): Promise<{ id: string; path: string }> {
  const text = canonicalJson(value), id = sha256(text), path = join(folder, `${id}.json`);
  await writeWhole(path, text);
  return { id, path };
}

/**
 * Reads a file that is named by its content and checks it: its name is the SHA-256 of its bytes, and these are canonical JSON.
 *
 * @param parse makes of the JSON what is wanted, without changing it
 * @throws {UserError} naming the file, what was found and what was wanted
 */
export async function readHashed<T>(
  path: string,
  parse: (what: string, value: unknown) => T,
): Promise<{ id: string; value: T }> {
  const name = path.split(/[/\\]/).at(-1)!;
  const id = name.match(/^([0-9a-f]{64})\.json$/)?.[1];
  const bytes = await readWhole(path);
  if (!id) throw new UserError(`Cannot use ${path}: ${await misnamed(path, name, bytes)}`);
  const found = sha256(bytes);
  if (found !== id) throw new UserError(`Cannot use ${path}: the SHA-256 of its content is ${found}, want ${id}`);
  const json = parseJson(path, new TextDecoder().decode(bytes));
  checkTexts(path, json);
  const value = parse(path, json);
  if (sha256(canonicalJson(value)) !== id) {
    throw new UserError(`Cannot use ${path}: its JSON is not in canonical form, want RFC 8785`);
  }
  return { id, value };
}

/** A file that cannot be used. */
export interface UnusableFile {
  path: string;
  /** What was found and what was wanted, with the file's name. */
  reason: string;
}

/** Reads files one by one; those that do not check are told apart. */
export async function readEach<T>(
  paths: readonly string[],
  read: (path: string) => Promise<T>,
): Promise<{ read: T[]; unusable: UnusableFile[] }> {
  const found: T[] = [], unusable: UnusableFile[] = [];
  for (const path of paths) {
    try {
      found.push(await read(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unusable.push({ path, reason: error.message });
    }
  }
  return { read: found, unusable };
}

/**
 * The JSON files of a folder, sorted by name.
 *
 * @param what the folder is, for the error message
 * @throws {UserError} when the folder cannot be read
 */
export async function jsonFiles(folder: string, what: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".json")) names.push(name);
  } catch (error) {
    throw new UserError(`Cannot read the ${what} ${folder}: ${reason(error)}`);
  }
  return names.sort().map((name) => join(folder, name));
}

/**
 * Checks that a value of JSON is not nested so deeply that what calls itself for each level would overflow the stack.
 *
 * @param what it is, for the error message
 * @throws {UserError} when it is
 */
export function checkDepth(what: string, value: unknown): void {
  if (isDeeperThan(MOST_LEVELS, value)) {
    throw new UserError(`Cannot use ${what}: it is nested over ${MOST_LEVELS} deep`);
  }
}

/**
 * Checks that no text of a value of JSON hides something, lest a name forges a line or ends nowhere.
 *
 * @param what it is, for the error message
 * @throws {UserError} naming the key, and the text with what it hides
 */
export function checkTexts(what: string, value: unknown): void {
  checkDepth(what, value);
  const visit = (member: unknown, key: string): void => {
    if (typeof member === "string" && hidesSomething(member)) {
      const found = member.isWellFormed() ? "characters that cannot be shown" : "half a surrogate pair";
      throw new UserError(
        `Cannot use ${what}: at ${key || "the top"}: '${shortened(printable(member), MOST_SHOWN)}' has ${found}`,
      );
    }
    if (typeof member !== "object" || member === null) return;
    for (const [name, own] of Object.entries(member)) {
      if (hidesSomething(name)) visit(name, key);
      visit(own, key === "" ? name : `${key}.${name}`);
    }
  };
  visit(value, "");
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`Cannot use ${path}: not JSON: ${reason(error)}`);
  }
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
