import { maskOf, partsOf } from "./order.ts";
import type { Mask } from "./randomMask.ts";

/** Patches per side of a cell: SimMIM's 32 pixels at patches of 16. */
export const CELL = 2;

/**
 * A mask of cells of 2 x 2 patches as one of patches (SimMIM; DMJD code): the top left patches of all cells in the cells' order,
 * then the top right ones, the bottom left and the bottom right ones.
 *
 * @param cells a mask of (grid / size)^2 cells
 * @param grid patches per side, a multiple of `size`
 * @param size patches per side of a cell
 */
export function ofCells(cells: Mask, grid: number, size = CELL): Mask {
  const side = grid / size, { visible, masked } = partsOf(cells);
  const patches = (list: Int32Array) => {
    const all = new Int32Array(list.length * size ** 2);
    let at = 0;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        for (const cell of list) {
          all[at++] = (size * Math.floor(cell / side) + row) * grid + size * (cell % side) + column;
        }
      }
    }
    return all;
  };
  return maskOf(patches(visible), patches(masked));
}
