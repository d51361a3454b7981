import { basename, dirname, join } from "node:path";
import { exists, shortPath } from "../../cli/files.ts";
import type { PhaseRecord } from "../../records/schema.ts";
import { CHECKPOINT_NAME, findCheckpoint, readHeader } from "../checkpoint/checkpointFiles.ts";
import { boundaryOf, recordedPhase } from "../checkpoint/phaseKeeper.ts";
import { epochsOf } from "../checkpoint/weightsFile.ts";
import { finishedRecord } from "../phaseFolder.ts";
import { type KnownPhase, knownPhase } from "./phaseFolders.ts";

/** What is known of the training that left a file of weights. */
export interface Provenance extends KnownPhase {
  /** When each stage that was pruned before lost its decoder, in epochs, by index of the stage. */
  prunedAt: Record<number, number>;
}

/**
 * What the folder of a phase says of a file in it: of a checkpoint the JSON beside it, of kept weights the record, or as long
 * as there is none phase.json and the newest checkpoint.
 *
 * @param path a .safetensors file
 * @param warn is told of checkpoints that are broken
 * @returns nothing when the file lies in no phase's folder, or goes by another name
 * @throws {UserError} when what the folder says is broken
 */
export async function provenanceOf(path: string, warn: (text: string) => void): Promise<Provenance | undefined> {
  const folder = dirname(path), name = basename(path, ".safetensors"), epochs = epochsOf(basename(path));
  if (CHECKPOINT_NAME.test(basename(path))) {
    if (!await exists(join(folder, `${name}.json`))) return undefined;
    const header = await readHeader(folder, name), { progress } = boundaryOf({ name, header });
    return { ...knownPhase(header.run, shortPath(path)), prunedAt: prunedAt(progress) };
  }
  if (epochs === undefined) return undefined;
  const record = await finishedRecord(folder);
  if (record) return { phase: record.phase, data: record.hashes.data, prunedAt: prunedAt(record, epochs) };
  const run = await recordedPhase(folder);
  if (!run) return undefined;
  const found = await findCheckpoint(folder, warn), progress = found && boundaryOf(found).progress;
  return { ...knownPhase(run, shortPath(folder)), prunedAt: progress ? prunedAt(progress, epochs) : {} };
}

/** Prunings in so many epochs. Nothing is pruned before an epoch is over: warm-up comes first. */
function prunedAt({ epochs, events }: Pick<PhaseRecord, "epochs" | "events">, end = Infinity): Record<number, number> {
  const perEpoch = epochs[0]?.iterations ?? NaN;
  const pruned = events.filter(({ kind, iteration }) => kind === "prune" && !(iteration >= end * perEpoch));
  return Object.fromEntries(pruned.map(({ at, iteration }) => [at, iteration / perEpoch]));
}
