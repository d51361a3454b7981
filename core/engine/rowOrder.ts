/** A choice of rows and where each row went; see `gatherRows`. */
export interface RowOrder {
  index: Int32Array;
  inverse: Int32Array;
}

/** The inverse that `gatherRows` wants: for each of `rows` rows its place in `index`, or `index.length` if it has none. */
export function invertOrder(index: Int32Array, rows: number): Int32Array {
  const inverse = new Int32Array(rows).fill(index.length);
  index.forEach((row, place) => inverse[row] = place);
  return inverse;
}
