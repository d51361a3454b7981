import { invertOrder, type RowOrder } from "../../engine/rowOrder.ts";

/**
 * Patch tokens in groups of 2 x 2 neighbours, cells in row-major order: what average pooling by 2 averages.
 *
 * @param batch images
 * @param grid tokens per side, even
 * @returns indices into [B*(grid^2+1)] rows, where row 0 of each image is the class token
 */
export function poolOrder(batch: number, grid: number): RowOrder {
  if (grid % 2) throw new RangeError(`Cannot pool a ${grid} x ${grid} token grid by 2: want an even side`);
  const half = grid / 2, tokens = grid * grid;
  const index = new Int32Array(batch * tokens);
  let at = 0;
  for (let b = 0; b < batch; b++) {
    for (let cell = 0; cell < half * half; cell++) {
      const corner = 2 * Math.floor(cell / half) * grid + 2 * (cell % half);
      for (const step of [0, 1, grid, grid + 1]) index[at++] = b * (tokens + 1) + 1 + corner + step;
    }
  }
  return { index, inverse: invertOrder(index, batch * (tokens + 1)) };
}

/**
 * Place of the cells of one token, in the order the head emits them: one doubling goes (row, column) over 2 x 2, two
 * doublings nest.
 *
 * @param scale cells per token side: 4, 2 or 1
 * @returns for each emitted cell its row and column inside the token
 */
export function subcellOrder(scale: number): { row: number; column: number }[] {
  if (scale === 1) return [{ row: 0, column: 0 }];
  const inner = subcellOrder(scale / 2), side = scale / 2;
  return [0, 1].flatMap((y) =>
    [0, 1].flatMap((x) => inner.map(({ row, column }) => ({ row: y * side + row, column: x * side + column })))
  );
}
