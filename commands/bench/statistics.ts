import { medianOfSorted } from "../../core/median.ts";
import type { Sample } from "./model.ts";

/**
 * Median, least, most and number of values.
 *
 * @throws {RangeError} when there is none
 */
export function summarise(values: readonly number[]): Sample {
  if (values.length === 0) throw new RangeError("Cannot summarise measurements: found none, want at least one");
  const sorted = values.toSorted((a, b) => a - b), n = sorted.length;
  return { median: medianOfSorted(sorted), min: sorted[0], max: sorted[n - 1], n };
}

/** The same repetitions as a rate: `amount` per second. */
export function rate({ median, min, max, n }: Sample, amount: number): Sample {
  return { median: amount / median, min: amount / max, max: amount / min, n };
}
