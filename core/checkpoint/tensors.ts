import type { Arena, Region } from "../engine/arena.ts";
import { UserError } from "../errors.ts";
import type { Entry } from "../safetensors/header.ts";
import type { Tensor } from "../safetensors/tensor.ts";

/** What of an arena a training run needs to go on; gradients and their sums are made anew in every step. */
const KEPT = ["value", "moment1", "moment2"] as const satisfies Region[];

/** What the names of weights begin with in a checkpoint. */
export const VALUE_PREFIX = "value/";

/** One tensor of a checkpoint: a region of a parameter. */
export interface CheckpointTensor {
  /** "value/…", "moment1/…" or "moment2/…" and the parameter's name. */
  name: string;
  parameter: string;
  region: Region;
  tensor: Pick<Tensor, "dtype" | "shape">;
}

/** The tensors of a checkpoint: all weights and both moments, frozen ones too. */
export function checkpointTensors(arena: Arena): CheckpointTensor[] {
  return KEPT.flatMap((region) =>
    arena.names().map((parameter) => ({
      name: `${region}/${parameter}`,
      parameter,
      region,
      tensor: { dtype: "F32" as const, shape: arena.shape(parameter) },
    }))
  );
}

/**
 * Makes sure that a file holds the tensors of an arena, no more and no less, with its shapes.
 *
 * @param entries the header of the file
 * @param name the file, for error messages
 * @throws {UserError} naming the first tensor that is missing, of another shape or dtype, or too many
 */
export function checkEntries(arena: Arena, entries: readonly Entry[], name: string): void {
  const wanted = new Map(checkpointTensors(arena).map((each) => [each.name, each.tensor]));
  const text = ({ dtype, shape }: Pick<Tensor, "dtype" | "shape">) => `${dtype} [${shape.join(", ")}]`;
  for (const entry of entries) {
    const tensor = wanted.get(entry.name);
    if (!tensor) throw new UserError(`Cannot use checkpoint ${name}: the model has no tensor '${entry.name}'`);
    if (text(tensor) !== text(entry)) {
      throw new UserError(
        `Cannot use checkpoint ${name}: tensor '${entry.name}' is ${text(entry)}, want ${text(tensor)}`,
      );
    }
    wanted.delete(entry.name);
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) throw new UserError(`Cannot use checkpoint ${name}: it holds no tensor '${missing}'`);
}
