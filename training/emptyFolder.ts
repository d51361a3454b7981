import { join } from "node:path";
import { shortPath } from "../cli/files.ts";
import { UserError } from "../core/errors.ts";
import { recordId } from "../records/identity.ts";
import { findCheckpoint, pruneCheckpoints } from "./checkpoint/checkpointFiles.ts";
import { PHASE } from "./checkpoint/phaseKeeper.ts";
import { epochsOf } from "./checkpoint/weightsFile.ts";
import { finishedRecord, recordPath } from "./phaseFolder.ts";

/**
 * Removes what a phase has left in its folder, so that it is begun anew; says what that was.
 *
 * @param say is told in one line
 */
export async function emptyFolder(folder: string, say: (text: string) => void): Promise<void> {
  const left = await whatIsLeft(folder);
  if (left) say(`--fresh replaces ${left} in ${shortPath(folder)}`);
  await pruneCheckpoints(folder, 0);
  const names = [PHASE];
  for await (const { name } of Deno.readDir(folder)) if (epochsOf(name) !== undefined) names.push(name);
  for (const path of [recordPath(folder), ...names.map((name) => join(folder, name))]) {
    await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}

async function whatIsLeft(folder: string): Promise<string | undefined> {
  try {
    const record = await finishedRecord(folder);
    if (record) return `the finished phase ${recordId(record).slice(0, 12)} of ${record.end}`;
    const found = await findCheckpoint(folder, () => {});
    return found && `an unfinished phase after ${found.header.iteration} steps`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return "a broken phase";
  }
}
