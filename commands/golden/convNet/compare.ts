import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { largestError, relativeNorm } from "../check.ts";
import { floats } from "./fixture.ts";

/** An error and the tensor that has it. */
export type Named = [error: number, name: string];

/** The largest error; NaN where one is. */
export function worst(errors: readonly Named[]): Named {
  return errors.reduce((a, b) => b[0] > a[0] || Number.isNaN(b[0]) ? b : a, [0, "none"]);
}

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

/**
 * What a fixture holds of a tensor beside the same of ours: the whole of it, or every nth value and the 2-norm.
 *
 * @param prefix e.g. "grad0"; a compact fixture has "grad0_every7" and "grad0_norm"
 */
function pairs(
  file: SafetensorsFile,
  prefix: string,
  name: string,
  actual: Float32Array,
): [Float32Array, Float32Array][] {
  if (file.tensors.has(`${prefix}/${name}`)) return [[actual, floats(file, `${prefix}/${name}`)]];
  const sampled = [...file.tensors.keys()].find((key) => key.startsWith(`${prefix}_every`) && key.endsWith(`/${name}`));
  const every = Number(/_every(\d+)\//.exec(sampled ?? "")?.[1] ?? NaN);
  return [
    [actual.filter((_, i) => i % every === 0), floats(file, sampled ?? `${prefix}/${name}`)],
    [Float32Array.of(norm(actual)), floats(file, `${prefix}_norm/${name}`)],
  ];
}

/** Largest absolute error of a tensor. */
export function absoluteError(file: SafetensorsFile, prefix: string, name: string, actual: Float32Array): Named {
  return [Math.max(...pairs(file, prefix, name, actual).map(([ours, wanted]) => largestError(ours, wanted))), name];
}

/** Error of a tensor in the 2-norm, relative. */
export function relativeError(file: SafetensorsFile, prefix: string, name: string, actual: Float32Array): Named {
  return [Math.max(...pairs(file, prefix, name, actual).map(([ours, wanted]) => relativeNorm(ours, wanted))), name];
}

/** Largest absolute value. */
export function largest(values: ArrayLike<number>): number {
  return largestError(values, new Float32Array(values.length));
}

/** Largest error, of the largest value. */
export function errorOfLargest(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  return largestError(actual, wanted) / largest(wanted);
}
