/** Values of a tensor in memory; half and brain floats are widened to 32 bits. */
export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** Element types of the safetensors format that are read and written here. */
export type Dtype =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "U64"
  | "I32"
  | "U32"
  | "I16"
  | "U16"
  | "I8"
  | "U8"
  | "BOOL";

/** A tensor as a safetensors file holds it. */
export interface Tensor {
  /** Element type in the file. */
  dtype: Dtype;
  /** Row-major; the empty shape is a scalar. */
  shape: number[];
  /** F16 and BF16 are held as Float32Array, BOOL as Uint8Array of 0 and 1. */
  data: TensorData;
}

/** A safetensors file read into memory. */
export interface SafetensorsFile {
  /** The file's name, for error messages. */
  name: string;
  /** Words of the header by key. */
  metadata: Record<string, string>;
  /** Tensors by name. */
  tensors: Map<string, Tensor>;
}

/** A shape as it is printed, e.g. "[768, 3, 16, 16]". */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}
