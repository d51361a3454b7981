import { dirname, join } from "node:path";
import { checkOwn, exists, readWhole, reason, writeWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { sha256 } from "../../core/sha256.ts";

/** Names every file of the folder with the SHA-256 of its content. */
const MANIFEST = "manifest.json";

/** How many files were written, found unchanged, and removed. */
export interface Written {
  written: number;
  unchanged: number;
  removed: number;
}

/**
 * Makes a folder hold the given files. Files that an earlier report wrote and this one does not have are removed, as far
 * as they are unchanged; other files are left alone. All are written beside it before the first takes its place.
 *
 * @param files path inside the folder, with forward slashes, and content
 * @throws {UserError} when a file cannot be written, or is there and no report wrote one of its name
 */
export async function writeFolder(out: string, files: Map<string, string>): Promise<Written> {
  const earlier = await readManifest(out), changed: [name: string, text: string][] = [];
  const done: Written = { written: 0, unchanged: 0, removed: 0 };
  for (const [name, text] of files) {
    if (await holds(join(out, name), sha256(text))) done.unchanged++;
    else changed.push([name, text]);
  }
  for (const [name] of changed) {
    if (Object.hasOwn(earlier, name) || !(await exists(join(out, name)))) continue;
    throw new UserError(
      `Cannot write the report to ${out}: ${name} is there, and no report wrote it; want an empty folder in --out, or ` +
        "that of an earlier report",
    );
  }
  const hashes = Object.fromEntries([...files].map(([name, text]) => [name, sha256(text)]).sort());
  await writeAll(out, changed, { ...earlier, ...hashes });
  done.written = changed.length;
  for (const [name, hash] of Object.entries(earlier)) {
    const path = join(out, name);
    if (files.has(name) || !isInside(name) || !(await holds(path, hash))) continue;
    await Deno.remove(path);
    done.removed++;
  }
  await writeManifest(out, hashes);
  return done;
}

async function writeManifest(out: string, hashes: Record<string, string>): Promise<void> {
  await writeWhole(join(out, MANIFEST), `${JSON.stringify(hashes, null, 2)}\n`);
}

/**
 * Writes files of a folder: first all of them into a folder of their own inside it, then each to its place, so that what
 * cannot be written leaves the folder as it was.
 */
async function writeAll(
  out: string,
  files: readonly [name: string, text: string][],
  hashes: Record<string, string>,
): Promise<void> {
  if (files.length === 0) return;
  const staging = join(out, `.writing-${Deno.pid}`);
  try {
    await removeLeft(out);
    for (const [name, text] of files) {
      await checkOwn(join(out, name));
      await writeWhole(join(staging, name), text);
    }
    // Names come first, so that a report that is stopped half-way is known as one.
    await writeManifest(out, hashes);
    for (const [name] of files) {
      const path = join(out, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.rename(join(staging, name), path);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot write the report to ${out}: ${reason(error)}`);
  } finally {
    await Deno.remove(staging, { recursive: true }).catch(() => {});
  }
}

/** Milliseconds after which a folder of half a report has no writer any more. */
const LEFT = 600_000;

/** Removes what reports that were killed have left. */
async function removeLeft(out: string): Promise<void> {
  if (!(await exists(out))) return;
  for await (const { name, isDirectory } of Deno.readDir(out)) {
    if (!isDirectory || !/^\.writing-\d+$/.test(name)) continue;
    const path = join(out, name), { mtime } = await Deno.stat(path);
    if (mtime && Date.now() - mtime.getTime() > LEFT) await Deno.remove(path, { recursive: true });
  }
}

/** The manifest of an earlier report; empty where there is none, or something else of that name. */
async function readManifest(out: string): Promise<Record<string, string>> {
  const path = join(out, MANIFEST);
  if (!(await exists(path))) return {};
  try {
    const found: unknown = JSON.parse(new TextDecoder().decode(await readWhole(path)));
    const entries = typeof found === "object" && found !== null ? Object.entries(found) : [];
    return Object.fromEntries(entries.filter(([, hash]) => typeof hash === "string"));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function isInside(name: string): boolean {
  return !name.startsWith("/") && !name.split(/[/\\]/).includes("..");
}

async function holds(path: string, hash: string): Promise<boolean> {
  return await exists(path) && sha256(await readWhole(path)) === hash;
}
