import { writeWhole } from "../../cli/files.ts";
import type { Arena } from "../../core/engine/arena.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import type { ModelFacts } from "../phases/runner.ts";

/** The name of the file in which a phase leaves its weights after so many epochs. */
export function weightsFile(epochs: number): string {
  return `weights-${epochs}.safetensors`;
}

/** The epochs after which a folder holds weights, ascending. */
export async function keptEpochs(folder: string): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const [, epochs] = /^weights-(\d+)\.safetensors$/.exec(name) ?? [];
    if (epochs !== undefined) found.push(Number(epochs));
  }
  return found.sort((a, b) => a - b);
}

/** What a file of weights or a checkpoint says of the model that it belongs to. */
export function weightsMetadata({ kind, config }: ModelFacts): Record<string, string> {
  return { format: "vitfreeze", kind, model: JSON.stringify(config) };
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
