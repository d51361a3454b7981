import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";

/** One number in which the implementation may differ from a fixture. */
export interface Quantity {
  name: string;
  /** Largest error found, or the count or share that the name says. */
  error: number;
  /** Largest error allowed. */
  tolerance: number;
  ok: boolean;
  /** What the number leaves open, e.g. how many values were set aside and why. */
  note?: string;
}

/** What was compared with one fixture. */
export interface Check {
  kind: string;
  quantities: Quantity[];
}

/** Compares a fixture with what the implementation computes from the same inputs. */
export type Checker = (file: SafetensorsFile) => Promise<Check>;

/** A quantity that passes when its error is within the tolerance; NaN never is. */
export function quantity(name: string, error: number, tolerance: number, note?: string): Quantity {
  return { name, error, tolerance, ok: error <= tolerance, ...(note !== undefined && { note }) };
}

/** How far a number is off, as a share of the wanted one. */
export function relativeError(actual: number, wanted: number): number {
  return actual === wanted ? 0 : Math.abs(actual - wanted) / Math.abs(wanted);
}

/** Largest |a - b|; NaN when any difference is NaN, Infinity when the lengths differ. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    if (!(error <= largest)) largest = error;
    if (Number.isNaN(error)) return NaN;
  }
  return largest;
}

/**
 * Relative error in the 2-norm, |a - b| / |b|; Infinity when the lengths differ.
 *
 * @param skip tells which values to leave out
 */
export function relativeNorm(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  skip = (_: number) => false,
): number {
  let difference = 0, norm = 0;
  for (let i = 0; i < expected.length; i++) {
    if (skip(i)) continue;
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return actual.length === expected.length ? Math.sqrt(difference / (norm || 1)) : Infinity;
}
