import jstat from "jstat";

/** The package has no types. */
const { studentt } = jstat as unknown as { studentt: { inv(probability: number, freedom: number): number } };

/** The mean of a sample, and the half-width of its 95 % confidence interval. */
export interface Estimate {
  n: number;
  mean: number;
  /** null below three values, where the interval says next to nothing. */
  half: number | null;
}

/** Wanted of an interval: how often it misses at most. */
export const MISSES = 0.05;

/**
 * The quantile of Student's t distribution at half-way to one: 0.975 for `misses` = 0.05.
 *
 * @param freedom degrees of freedom, at least 1
 * @param misses how often an interval of plus and minus so many standard errors misses the mean
 */
export function tQuantile(freedom: number, misses = MISSES): number {
  return studentt.inv(1 - misses / 2, freedom);
}

/**
 * Mean and t interval of a sample of independent values.
 *
 * @param values at least one
 * @param misses how often the interval misses the mean; 0.05 for one of 95 %
 */
export function estimate(values: readonly number[], misses = MISSES): Estimate {
  const n = values.length, mean = average(values);
  if (n < 3) return { n, mean, half: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { n, mean, half: tQuantile(n - 1, misses) * Math.sqrt(variance / n) };
}

/** The arithmetic mean; NaN for no values. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
