import { UserError } from "../../core/errors.ts";
import { sincosPosEmbed2d } from "../../core/models/posEmbed.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { type Check, largestError, quantity } from "./check.ts";

/**
 * Checks fixed position embeddings: tensors `d<dim>_g<grid>` [grid * grid + 1, dim].
 *
 * @throws {UserError} on a tensor of another name or shape, or when there is none
 */
export function checkPosEmbed(file: SafetensorsFile): Promise<Check> {
  if (file.tensors.size === 0) {
    throw new UserError(`Cannot check ${file.name}: it holds no tensor, want d<dim>_g<grid>`);
  }
  const quantities = [...file.tensors.keys()].map((key) => {
    const { shape, data } = getTensor(file, key, Float32Array), match = /^d(\d+)_g(\d+)$/.exec(key);
    const dim = Number(match?.[1]), grid = Number(match?.[2]);
    if (shape.join() !== [grid * grid + 1, dim].join()) {
      throw new UserError(
        `Cannot check ${file.name}: tensor '${key}' has shape [${
          shape.join(", ")
        }], want d<dim>_g<grid> [grid * grid + 1, dim]`,
      );
    }
    // Float64 sines rounded to float32 on both sides: half a unit in the last place of 1, 6e-8, each.
    return quantity(key, largestError(sincosPosEmbed2d(dim, grid), data), 1e-6);
  });
  return Promise.resolve({ kind: "pos-embed", quantities });
}
