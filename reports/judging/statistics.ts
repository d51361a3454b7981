import jstat from "jstat";

/** The package has no types. */
const { studentt, noncentralt } = jstat as unknown as {
  studentt: { inv(probability: number, freedom: number): number };
  noncentralt: { cdf(value: number, freedom: number, shift: number): number };
};

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

/** How often a difference that is said to show is seen. */
export const SEEN = 0.8;
/** Far above the shift that any number of seeds needs, in standard errors. */
const WIDE = 1000;
const HALVINGS = 60;

/**
 * The smallest true mean, in absolute value, of which samples that scatter as this one have an interval clear of 0 in four of five
 * cases: by the noncentral t distribution, 1.31 times the half of this one's interval for three values, 1.35 for five.
 *
 * @param values at least three
 * @param misses as of `estimate`
 */
export function detectable(values: readonly number[], misses = MISSES): number {
  const { n, half } = estimate(values, misses), freedom = n - 1, clear = tQuantile(freedom, misses);
  const power = (shift: number) => 1 - noncentralt.cdf(clear, freedom, shift) + noncentralt.cdf(-clear, freedom, shift);
  let [low, high] = [0, WIDE];
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    if (power(middle) < SEEN) low = middle;
    else high = middle;
  }
  return half! * high / clear;
}

/** The arithmetic mean; NaN for no values. */
export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
