/** The mean of a sample, and the half-width of its 95 % confidence interval. */
export interface Estimate {
  n: number;
  mean: number;
  /** null below three values, where the interval says next to nothing. */
  half: number | null;
}

/** 0.975 quantiles of Student's t distribution for 2 to 30 degrees of freedom. */
// deno-fmt-ignore
const quantiles = [
  4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139, 2.200985,
  2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963, 2.079614,
  2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
];

/**
 * The 0.975 quantile of Student's t distribution; beyond 30 degrees of freedom that of 30, which is slightly too wide.
 *
 * @param freedom degrees of freedom, at least 2
 */
export function tQuantile(freedom: number): number {
  return quantiles[Math.min(freedom, 30) - 2];
}

/**
 * Mean and 95 % t interval of a sample of independent values.
 *
 * @param values at least one
 */
export function estimate(values: number[]): Estimate {
  const n = values.length;
  const mean = average(values);
  if (n < 3) return { n, mean, half: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return { n, mean, half: tQuantile(n - 1) * Math.sqrt(variance / n) };
}

/** The arithmetic mean; NaN for no values. */
export function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
