/** A tensor that ONNX Runtime knows, wherever its numbers are. */
export interface OrtValue {
  readonly pointer: Deno.PointerObject;
  /** Bytes of its numbers. */
  readonly bytes: number;
}

/** ONNX's numbers of element types. */
export const ELEMENT_TYPE = { float32: 1, int32: 6 };

/** The extents of a shape as ONNX Runtime takes them. */
export function extentsOf(shape: readonly number[]): BigInt64Array<ArrayBuffer> {
  return new BigInt64Array(shape.length ? shape.map(BigInt) : [0n]);
}

/** Addresses of tensors as a list in C. */
export function addresses(values: readonly OrtValue[]): BigUint64Array<ArrayBuffer> {
  return new BigUint64Array(values.map(({ pointer }) => BigInt(Deno.UnsafePointer.value(pointer))));
}
