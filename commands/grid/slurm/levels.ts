import type { Cell } from "../plan.ts";

/** Cells that are submitted together, after others have ended. */
export interface Level {
  cells: Cell[];
  /** Numbers of arrays submitted before in which some of them have their start. */
  after: string[];
}

/**
 * Splits cells by how many others of them stand before each: all of a level start from cells of levels before it, or from
 * none of them.
 *
 * @param cells in the order of the plan
 * @param queued arrays in which cells wait or run that were submitted before, by the cell's name
 */
export function levelsOf(cells: readonly Cell[], queued: ReadonlyMap<string, string>): Level[] {
  const depths = new Map<string, number>(), levels: Level[] = [];
  for (const cell of cells) {
    const { name, start = "" } = cell, depth = (depths.get(start) ?? -1) + 1, array = queued.get(start);
    depths.set(name, depth);
    const level = levels[depth] ??= { cells: [], after: [] };
    level.cells.push(cell);
    if (array !== undefined && !level.after.includes(array)) level.after.push(array);
  }
  return levels;
}
