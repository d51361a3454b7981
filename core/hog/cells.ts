/**
 * Checks that cells tile an image.
 *
 * @throws {RangeError} when there is no cell size, or one that is no whole number or does not divide height and width
 */
export function checkCells(height: number, width: number, cells: readonly number[]): void {
  if (!(height >= 2 && width >= 2)) {
    throw new RangeError(`Cannot compute HOG of ${height} x ${width}: want at least 2 x 2`);
  }
  if (cells.length === 0) throw new RangeError("Cannot compute HOG without a cell size: want at least one");
  for (const cell of cells) {
    if (!(Number.isInteger(cell) && cell >= 1 && height % cell === 0 && width % cell === 0)) {
      throw new RangeError(
        `Cannot compute HOG in cells of ${cell}: want a divisor of height ${height} and width ${width}`,
      );
    }
  }
}

/**
 * For every cell size, the next smaller one that its sums are made of; itself for the smallest.
 *
 * @returns indices into `cells`, in the same order
 * @throws {RangeError} when a cell size is no multiple of the smallest
 */
export function nesting(cells: readonly number[]): number[] {
  const smallest = Math.min(...cells);
  return cells.map((cell) => {
    if (cell % smallest !== 0) {
      throw new RangeError(`Cannot nest cells of ${cell}: want a multiple of the smallest, ${smallest}`);
    }
    const parts = cells.filter((part) => part < cell && cell % part === 0);
    return parts.length === 0 ? cells.indexOf(smallest) : cells.indexOf(Math.max(...parts));
  });
}
