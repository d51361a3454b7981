import { maskOf, partsOf } from "./order.ts";
import type { Mask } from "./randomMask.ts";

/** Patches per side of a cell: SimMIM's 32 pixels at patches of 16. */
export const CELL = 2;

/**
 * A mask of cells of 2 x 2 patches as one of patches (SimMIM; DMJD code): the top left patches of all cells in the cells' order,
 * then the top right ones, the bottom left and the bottom right ones.
 *
 * @param cells a mask of (grid / 2)^2 cells
 * @param grid patches per side, even
 */
export function ofCells(cells: Mask, grid: number): Mask {
  const side = grid / CELL, { visible, masked } = partsOf(cells);
  const patches = (list: Int32Array) =>
    [0, 1].flatMap((row) =>
      [0, 1].flatMap((column) =>
        Array.from(list, (cell) => (CELL * Math.floor(cell / side) + row) * grid + CELL * (cell % side) + column)
      )
    );
  return maskOf(patches(visible), patches(masked));
}
