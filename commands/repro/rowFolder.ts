import { join } from "node:path";
import { exists, readWhole, shortPath, writeNew } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { findCheckpoint } from "../../training/checkpoint/checkpointFiles.ts";
import { RunFolder } from "../../training/checkpoint/runFolder.ts";
import { everyMinutes, type RunIdentity, RunKeeper } from "../../training/checkpoint/runKeeper.ts";
import type { Layout } from "../../training/checkpoint/ranksSpans.ts";
import { WEIGHTS, weightsFile } from "../../training/checkpoint/weightsFile.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { parseResult } from "../../records/store.ts";
import type { RowKey, RunResult } from "../../records/schema.ts";

const RESULT = "result.json";

/** How the rows of a command use their folders. */
export interface FolderOptions {
  /** Folder of all rows. */
  root: string;
  /** What is done with what an earlier command left: refuse it, go on from it, or start over. */
  begin: "new" | "resume" | "fresh";
  /** Whether a checkpoint of other code is accepted. */
  anyCode: boolean;
  /** Whether to wait for another process that works on the same row, instead of giving up. */
  wait: boolean;
  keep: number;
  everyMinutes: number;
}

/** The folder of one row and seed. */
export function rowFolder(root: string, row: RowKey, seed: number): string {
  return join(root, `${row}-seed${seed}`);
}

/**
 * Makes sure that no row would be started over unasked, before anything is run.
 *
 * @throws {UserError} when a folder holds a checkpoint of an unfinished run
 */
export async function refuseUnfinished(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const found = await findCheckpoint(folder, () => {});
    if (!found) continue;
    const { phase, iteration } = found.header;
    throw new UserError(
      `Cannot start a new run in ${shortPath(folder)}: it holds an unfinished one (${phase}, step ${iteration}), ` +
        "want --resume to go on with it or --fresh to start over",
    );
  }
}

/** Where a finished run leaves its result, once and for all. */
export function resultPath(folder: string): string {
  return join(folder, RESULT);
}

/** The result that a finished run left in its folder. */
export async function finishedResult(folder: string): Promise<RunResult | undefined> {
  const path = resultPath(folder);
  if (!await exists(path)) return undefined;
  const text = new TextDecoder().decode(await readWhole(path));
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UserError(`Cannot use ${path}: it is no JSON, want what a run has written`);
  }
  return parseResult(path, value);
}

/**
 * Leaves a result in the run's folder. Of several runs of the same row, whatever started them, the first to end counts.
 *
 * @returns the result that counts
 */
export async function leaveResult(folder: string, result: RunResult): Promise<RunResult> {
  return await writeNew(resultPath(folder), canonicalJson(result)) ? result : (await finishedResult(folder))!;
}

/**
 * Takes a row's folder, and finds where its run goes on.
 *
 * @param signal ends the wait for another process
 * @param layout the processes that share the run from now on
 */
export async function openRow(
  folder: string,
  run: RunIdentity,
  { begin, anyCode, wait, keep, everyMinutes: minutes }: FolderOptions,
  say: (text: string) => void,
  signal: AbortSignal,
  layout: Layout,
): Promise<{ held: RunFolder; keeper: RunKeeper }> {
  const held = wait ? await RunFolder.takeWhenFree(folder, signal, say) : await RunFolder.take(folder);
  try {
    const mayDiffer = anyCode ? ["hashes"] : [];
    const options = { folder, run, mayDiffer, keep, due: everyMinutes(minutes), say, layout };
    const start = new Date().toISOString();
    if (begin === "resume") return { held, keeper: await RunKeeper.resume(options, start) };
    for (const path of [resultPath(folder), ...WEIGHTS.map((phase) => join(folder, weightsFile(phase)))]) {
      await Deno.remove(path).catch(() => {});
    }
    return { held, keeper: await RunKeeper.fresh(options, start) };
  } catch (error) {
    held.release();
    throw error;
  }
}
