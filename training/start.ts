import { join } from "node:path";
import { exists, shortPath } from "../cli/files.ts";
import { Arena } from "../core/engine/arena.ts";
import type { ParameterSpec } from "../core/engine/program.ts";
import { UserError } from "../core/errors.ts";
import { type Phase, phaseKey } from "../records/phase.ts";
import { recordId } from "../records/identity.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { readTensors } from "./checkpoint/tensorFile.ts";
import { HASH, keptEpochs, weightsFile } from "./checkpoint/weightsFile.ts";
import { finishedRecord, phaseFolder } from "./phaseFolder.ts";
import { weightsHash } from "./weightsHash.ts";

/** A phase rests on one that is not finished; the exit code (EX_UNAVAILABLE) tells grids to wait. */
export class StartMissing extends UserError {
  static readonly exitCode = 69;
}

/** What a phase starts from: the record of the phase before, and the file of its weights. */
export interface Start {
  record: PhaseRecord;
  id: string;
  path: string;
  epochs: number;
}

/**
 * Finds what a phase starts from.
 *
 * @param root folder of all phases
 * @throws {StartMissing} when the phase before is not finished
 * @throws {UserError} when its record is of another key, or the wanted weights were not kept
 */
export async function findStart(root: string, phase: Phase, from: NonNullable<Phase["from"]>): Promise<Start> {
  const folder = phaseFolder(root, from.phase), record = await finishedRecord(folder), key = phaseKey(from.phase);
  const name = shortPath(phaseFolder(root, phase));
  if (!record) {
    throw new StartMissing(`Cannot run ${name}: its start ${shortPath(folder)} is not finished, want it run first`);
  }
  if (record.key !== key) {
    throw new UserError(
      `Cannot start ${name} from ${shortPath(folder)}: its record has key ${record.key}, want ${key}`,
    );
  }
  const epochs = from.epochs ?? record.epochs.length, path = join(folder, weightsFile(epochs));
  if (!await exists(path)) {
    const kept = (await keptEpochs(folder)).join(", ") || "none";
    throw new UserError(
      `Cannot start ${name} after epoch ${epochs} of ${shortPath(folder)}: weights were kept after ${kept}; ` +
        "want one of these, or --fresh to train it again",
    );
  }
  return { record, id: recordId(record), path, epochs };
}

/**
 * Reads the weights that a phase starts from.
 *
 * @param specs what the phase before trains
 * @throws {UserError} when the file is broken, of another model, or not what the record says
 */
export async function readStart(
  { record, path, epochs }: Omit<Start, "id">,
  specs: readonly ParameterSpec[],
): Promise<Arena> {
  const arena = new Arena(specs, 1), wanted = new Set(arena.names());
  let hash: string | undefined = record.weights[epochs]; // not there where the weights were kept later on
  await readTensors(path, {
    header(entries, metadata) {
      hash ??= metadata[HASH];
      for (const { name, shape } of entries) {
        if (wanted.delete(name) && String(arena.shape(name)) === String(shape)) continue;
        throw new UserError(
          `Cannot use ${path}: its tensor '${name}' [${shape}] is not of the model that starts from it`,
        );
      }
      const [missing] = wanted;
      if (missing !== undefined) throw new UserError(`Cannot use ${path}: it lacks tensor '${missing}'`);
    },
    tensor: (name, data) => arena.view(name).set(data),
  });
  const found = weightsHash(arena);
  if (found !== hash) {
    throw new UserError(`Cannot use ${path}: the SHA-256 of its weights is ${found}, want ${hash} as recorded`);
  }
  return arena;
}
