import type { Dtype } from "../../../core/safetensors/tensor.ts";
import { PickleError } from "../../../core/pickle/errors.ts";
import { describe, PickleGlobal, type PickleValue } from "../../../core/pickle/values.ts";

/** Element types by torch's names of dtypes and of its typed storages. */
export const DTYPES: Record<string, { storage?: string; dtype: Dtype }> = {
  float64: { storage: "DoubleStorage", dtype: "F64" },
  float32: { storage: "FloatStorage", dtype: "F32" },
  float16: { storage: "HalfStorage", dtype: "F16" },
  bfloat16: { storage: "BFloat16Storage", dtype: "BF16" },
  int64: { storage: "LongStorage", dtype: "I64" },
  int32: { storage: "IntStorage", dtype: "I32" },
  int16: { storage: "ShortStorage", dtype: "I16" },
  int8: { storage: "CharStorage", dtype: "I8" },
  uint64: { dtype: "U64" },
  uint32: { dtype: "U32" },
  uint16: { dtype: "U16" },
  uint8: { storage: "ByteStorage", dtype: "U8" },
  bool: { storage: "BoolStorage", dtype: "BOOL" },
};

/** Storages without a type. */
const UNTYPED = "torch.storage.UntypedStorage";

/**
 * The element type of a storage's class: undefined for bytes without a type.
 *
 * @throws {PickleError} when it is no class of storages
 */
export function storageDtype(type: PickleValue): Dtype | undefined {
  if (type instanceof PickleGlobal && type.name === UNTYPED) return undefined;
  const found = Object.values(DTYPES).find(({ storage }) =>
    type instanceof PickleGlobal && storage !== undefined && type.name === `torch.${storage}`
  );
  if (!found) throw new PickleError(`${describe(type)} is no class of storages`);
  return found.dtype;
}

/** Names of all classes of storages. */
export function storageNames(): string[] {
  return [UNTYPED, ...Object.values(DTYPES).flatMap(({ storage }) => storage ? [`torch.${storage}`] : [])];
}
