import type { Dtype } from "../../../core/safetensors/tensor.ts";
import { PickleError } from "../../../core/pickle/errors.ts";
import { describe, PickleDict, PickleGlobal, type PickleValue, sequence } from "../../../core/pickle/values.ts";
import { DTYPES } from "./dtypes.ts";
import { TorchStorage, TorchTensor } from "./tensor.ts";

/** A number of elements or bytes. */
export function countOf(value: PickleValue, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PickleError(`${what} is ${describe(value)}, want a whole number`);
}

/** The items of a tuple or list. */
export function itemsOf(value: PickleValue, what: string): readonly PickleValue[] {
  const items = sequence(value);
  if (items) return items;
  throw new PickleError(`${what} is ${describe(value)}, want a tuple`);
}

/** A tensor of (storage, offset, size, stride, requires_grad, backward_hooks, metadata). */
export function rebuildTensor(args: readonly PickleValue[]): PickleValue {
  const [storage] = args;
  if (!(storage instanceof TorchStorage) || !storage.dtype) {
    throw new PickleError(`a tensor's storage is ${describe(storage ?? null)}, want a storage with a type`);
  }
  return tensorOf(storage, storage.dtype, args, args[6]);
}

/** A tensor of (storage without a type, offset, size, stride, requires_grad, backward_hooks, dtype, metadata). */
export function rebuildTyped(args: readonly PickleValue[]): PickleValue {
  const [storage] = args, type = args[6];
  const known = Object.entries(DTYPES).find(([name]) => type instanceof PickleGlobal && type.name === `torch.${name}`);
  if (!(storage instanceof TorchStorage) || storage.dtype || !known) {
    throw new PickleError("a tensor's storage has a type of its own, or the tensor has none");
  }
  return tensorOf(storage, known[1].dtype, args, args[7]);
}

function tensorOf(
  storage: TorchStorage,
  dtype: Dtype,
  [, offset = null, size = null, stride = null]: readonly PickleValue[],
  metadata: PickleValue = null,
): TorchTensor {
  // It can say that the values are to be negated or conjugated.
  if (metadata !== null && !(metadata instanceof PickleDict && metadata.entries.size === 0)) {
    throw new PickleError(`a tensor has ${describe(metadata)} as metadata, want none`);
  }
  return new TorchTensor(storage, dtype, {
    offset: countOf(offset, "a tensor's offset"),
    shape: itemsOf(size, "a tensor's size").map((value) => countOf(value, "a tensor's size")),
    strides: itemsOf(stride, "a tensor's stride").map((value) => countOf(value, "a tensor's stride")),
  });
}

/** A parameter of (data, requires_grad, backward_hooks): its tensor. */
export function rebuildParameter([data = null]: readonly PickleValue[]): PickleValue {
  if (data instanceof TorchTensor) return data;
  throw new PickleError(`a parameter's data is ${describe(data)}, want a tensor`);
}
