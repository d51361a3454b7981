import { UserError } from "../../core/errors.ts";
import type { Tensor } from "../../core/safetensors/tensor.ts";

/**
 * Makes sure that weights are numbers.
 *
 * @throws {UserError} naming the first tensor with others, how many they are, and where the first stands
 */
export function checkFinite(tensors: ReadonlyMap<string, Tensor>, file: string): void {
  for (const [name, { data, shape }] of tensors) {
    const values = data as Float32Array, first = values.findIndex((value) => !Number.isFinite(value));
    if (first < 0) continue;
    const count = values.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
    throw new UserError(
      `Cannot use ${file}: ${count} of the ${values.length} numbers of '${name}' are not finite, the first, ${
        values[first]
      }, at [${placeOf(first, shape).join(", ")}]; want numbers, or --allow-nan`,
    );
  }
}

/** Indices of an element, the last one running fastest. */
function placeOf(index: number, shape: readonly number[]): number[] {
  return shape.map((_, axis) => {
    const size = shape.slice(axis + 1).reduce((product, each) => product * each, 1);
    return Math.floor(index / size) % shape[axis];
  });
}
