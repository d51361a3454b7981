/** The middle of ascending numbers, or the mean of the two in the middle; NaN where there is none. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The median of some numbers; NaN where one of them is no number. */
export function medianOf(values: readonly number[]): number {
  return values.some(Number.isNaN) ? NaN : medianOfSorted(values.toSorted((a, b) => a - b));
}
