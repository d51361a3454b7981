import { basename, dirname } from "node:path";
import { epochsOf } from "../checkpoint/weightsFile.ts";
import { finishedRecord } from "../phaseFolder.ts";
import { RUNNERS } from "../phases/mod.ts";
import { readStart } from "../start.ts";

/**
 * Makes sure that the weights that a finished phase kept are those of its record, where that knows them.
 *
 * @throws {UserError} when they are others
 */
export async function checkRecorded(path: string): Promise<void> {
  const epochs = epochsOf(basename(path));
  if (epochs === undefined) return;
  const record = await finishedRecord(dirname(path));
  if (record?.weights[epochs] === undefined) return;
  const { phase: { kind, config }, dataset: { classes } } = record;
  await readStart({ record, path, epochs }, RUNNERS[kind].parameters(config, classes));
}
