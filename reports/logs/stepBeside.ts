/** A step beside a smooth curve. */
export interface Step {
  /** How far it falls; NaN where the values do not tell. */
  height: number;
  /** Standard deviation of the values about curve and step. */
  scatter: number;
  /** Standard error of the height that follows. */
  error: number;
  /** Degrees of freedom that are left: values beyond those that curve and step take. */
  freedom: number;
}

/**
 * The step at a place, beside what a series does anyway: of the quadratic curve and the step that fit it best. Places count as
 * they are, evenly spaced or not.
 *
 * @param x places, ascending
 * @param last index of the last value before the step
 */
export function stepBeside(x: readonly number[], y: readonly number[], last: number): Step {
  const centre = (x[0] + x[x.length - 1]) / 2, width = x[x.length - 1] - centre;
  const columns = x.map((place, k) => {
    const u = (place - centre) / width;
    return [1, u, u * u, k > last ? -1 : 0];
  });
  const size = columns[0].length;
  const system = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) => columns.reduce((sum, row) => sum + row[i] * row[j], 0)),
    columns.reduce((sum, row, k) => sum + row[i] * y[k], 0),
  ]);
  const unit = system.map((row, i) => [...row.slice(0, size), i === size - 1 ? 1 : 0]);
  const fit = solved(system), scale = Math.sqrt(solved(unit)[size - 1]);
  const squares = columns.reduce((sum, row, k) => {
    const off = y[k] - row.reduce((value, column, i) => value + column * fit[i], 0);
    return sum + off * off;
  }, 0);
  const freedom = x.length - size, scatter = Math.sqrt(squares / freedom);
  return { height: fit[size - 1], scatter, error: scatter * scale, freedom };
}

/** The solution of linear equations, each with its right side behind, by elimination with row pivots. */
function solved(rows: number[][]): number[] {
  const size = rows.length;
  for (let k = 0; k < size; k++) {
    const pivot = rows.slice(k).reduce((best, row, i) => Math.abs(row[k]) > Math.abs(rows[best][k]) ? k + i : best, k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < size; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= size; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, k) => row[size] / row[k]);
}
