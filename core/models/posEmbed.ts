import type { Tensor } from "../safetensors/tensor.ts";

/**
 * Fixed 2-D sin-cos position embedding (MAE, He et al. 2022, appendix A.1).
 *
 * The first half of the width encodes the column, the second half the row; each half holds the sines of all frequencies
 * and then the cosines, frequencies 10000^(-4 i / dim).
 *
 * @param dim width of the embedding, a multiple of 4
 * @param grid tokens per side
 * @param classTokens 0 where there is no class token
 * @returns [grid * grid + classTokens, dim], tokens row-major behind a row of zeros for the class token
 * @throws {RangeError} when the width is no multiple of 4
 */
export function sincosPosEmbed2d(dim: number, grid: number, classTokens: 0 | 1 = 1): Float32Array {
  if (dim % 4 !== 0) throw new RangeError(`Cannot embed positions in ${dim} dimensions: want a multiple of 4`);
  const embed = new Float32Array((grid * grid + classTokens) * dim), quarter = dim / 4;
  for (let token = 0; token < grid * grid; token++) {
    const position = [token % grid, Math.floor(token / grid)];
    for (let i = 0; i < quarter; i++) {
      const frequency = 10000 ** (-i / quarter);
      for (let axis = 0; axis < 2; axis++) {
        const at = (token + classTokens) * dim + 2 * axis * quarter + i;
        embed[at] = Math.sin(position[axis] * frequency);
        embed[at + quarter] = Math.cos(position[axis] * frequency);
      }
    }
  }
  return embed;
}

/** The positions as a state dict holds them, [1, grid * grid + classTokens, dim]. */
export function posEmbedTensor(dim: number, grid: number, classTokens: 0 | 1 = 1): Tensor {
  return { dtype: "F32", shape: [1, grid * grid + classTokens, dim], data: sincosPosEmbed2d(dim, grid, classTokens) };
}
