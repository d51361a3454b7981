import { join } from "node:path";
import { writeWhole } from "../../cli/files.ts";
import type { Arena } from "../../core/engine/arena.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import type { ModelFacts } from "../phases/runner.ts";
import { weightsHash } from "../weightsHash.ts";

/** Format of our own files, as their metadata name it. */
export const WEIGHTS_FORMAT = "vitfreeze";

/** Key of the metadata that holds the hash of the weights, as a record holds it. */
export const HASH = "weights_sha256";

/** The name of the file in which a phase leaves its weights after so many epochs. */
export function weightsFile(epochs: number): string {
  return `weights-${epochs}.safetensors`;
}

/** After how many epochs a file of that name holds weights; nothing where it is no such name. */
export function epochsOf(name: string): number | undefined {
  const [, epochs] = /^weights-(\d+)\.safetensors$/.exec(name) ?? [];
  return epochs === undefined ? undefined : Number(epochs);
}

/** The epochs after which a folder holds weights, ascending. */
export async function keptEpochs(folder: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const epochs = epochsOf(name);
    if (epochs !== undefined) found.push(epochs);
  }
  return found.sort((a, b) => a - b);
}

/** What a file of weights or a checkpoint says of the model that it belongs to. */
export function weightsMetadata({ kind, config }: ModelFacts): Record<string, string> {
  return { format: WEIGHTS_FORMAT, kind, model: JSON.stringify(config) };
}

/**
 * Writes a model's weights as safetensors, under the parameters' own names.
 *
 * @throws {UserError} when the file cannot be written
 */
export async function saveWeights(path: string, arena: Arena, metadata: Record<string, string>): Promise<void> {
  const tensors = arena.names().map((name) =>
    [name, { dtype: "F32" as const, shape: arena.shape(name), data: arena.view(name) }] as const
  );
  await writeWhole(path, writeSafetensors(tensors, metadata));
}

/** Leaves the weights of a phase after so many epochs in its folder; the file tells the hash of what it holds. */
export async function leaveWeights(
  { folder, metadata }: { folder: string; metadata: Record<string, string> },
  epochs: number,
  arena: Arena,
): Promise<void> {
  await saveWeights(join(folder, weightsFile(epochs)), arena, { ...metadata, [HASH]: weightsHash(arena) });
}
