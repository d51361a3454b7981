/** Values that differ by less, relative to their size or to 1, count as one. */
const ALIKE = 1e-8;

/**
 * A range of round numbers that holds all values, about `ticks` steps of 1, 2 or 5 times a power of ten long; it is
 * never empty.
 *
 * @param values at least one, finite
 */
export function niceDomain(values: number[], ticks = 6): [number, number] {
  const least = values.reduce((a, b) => Math.min(a, b)), most = values.reduce((a, b) => Math.max(a, b));
  const size = Math.max(Math.abs(least), Math.abs(most));
  const around = most - least > ALIKE * Math.max(size, 1) ? 0 : size > ALIKE ? size / 20 : 1;
  const low = least - around, high = most + around;
  const rough = (high - low) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!;
  return [round(Math.floor(low / step) * step), round(Math.ceil(high / step) * step)];
}

function round(value: number): number {
  return Number(value.toPrecision(10));
}
