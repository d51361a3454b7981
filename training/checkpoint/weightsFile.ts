import { writeWhole } from "../../cli/files.ts";
import type { Arena } from "../../core/engine/arena.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";

/** The phases whose weights a run leaves in its folder. */
export const WEIGHTS = ["pretrained", "finetuned"] as const;

/** The name of the file in which a run leaves the weights after a phase. */
export function weightsFile(phase: typeof WEIGHTS[number]): string {
  return `${phase}.safetensors`;
}

/** What a file of weights or a checkpoint says of the model that it belongs to. */
export function weightsMetadata(kind: "localmim" | "classifier", model: object): Record<string, string> {
  return { format: "vitfreeze", kind, model: JSON.stringify(model) };
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
