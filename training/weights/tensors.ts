import { UserError } from "../../core/errors.ts";
import type { Dtype, TensorData } from "../../core/safetensors/tensor.ts";

/** A tensor of a file whose values are fetched when they are wanted. */
export interface StoredTensor {
  dtype: Dtype;
  /** Row-major; the empty shape is a scalar. */
  shape: readonly number[];
  /** The values in row-major order; F16 and BF16 are widened to float32. */
  read(): TensorData;
}

/** "1 tensor", "2 tensors". */
export function countText(count: number): string {
  return `${count} ${count === 1 ? "tensor" : "tensors"}`;
}

/**
 * The values of a tensor of whole numbers.
 *
 * @param file and
 * @param name are for the error message
 * @throws {UserError} when the tensor holds floating-point numbers
 */
export function toIntegers(tensor: StoredTensor, file: string, name: string): ArrayLike<number> {
  const data = tensor.read();
  if (data instanceof Float32Array || data instanceof Float64Array) {
    throw new UserError(`Cannot read ${file}: tensor '${name}' is ${tensor.dtype}, want whole numbers`);
  }
  return data instanceof BigInt64Array || data instanceof BigUint64Array ? Array.from(data, Number) : data;
}

/**
 * The values of a weight as float32; float64 is rounded.
 *
 * @param file and
 * @param name are for the error message
 * @throws {UserError} when the tensor holds integers
 */
export function toFloat32(tensor: StoredTensor, file: string, name: string): Float32Array {
  const data = tensor.read();
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) return Float32Array.from(data);
  throw new UserError(`Cannot read ${file}: tensor '${name}' is ${tensor.dtype}, want F32, F16, BF16 or F64`);
}
