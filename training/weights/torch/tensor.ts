import { sizeOf } from "../../../core/engine/program.ts";
import { codecs } from "../../../core/safetensors/codec.ts";
import type { Dtype, TensorData } from "../../../core/safetensors/tensor.ts";
import { PickleError } from "../../../core/pickle/errors.ts";
import { Foreign } from "../../../core/pickle/values.ts";
import type { StoredTensor } from "../tensors.ts";
import type { Archive } from "./archive.ts";

/** torch refuses more dimensions too. */
const MAX_DIMENSIONS = 64;

/** A storage: the flat memory that one or several tensors look at. */
export class TorchStorage extends Foreign {
  /**
   * @param entry of the archive
   * @param dtype of its elements; none: bytes that a tensor gives a type
   * @param count elements
   */
  constructor(readonly archive: Archive, readonly entry: string, readonly dtype: Dtype | undefined, count: number) {
    super();
    const bytes = archive.size(entry), wanted = count * (dtype ? codecs[dtype].bytes : 1);
    if (bytes === undefined) throw new PickleError(`the archive holds no '${entry}'`);
    if (bytes !== wanted) throw new PickleError(`storage '${entry}' has ${bytes} bytes, want ${wanted}`);
    this.bytes = bytes;
  }
  readonly kind = "a storage";
  readonly bytes: number;
}

/** Where a tensor's elements lie in its storage, counted in elements. */
export interface Layout {
  offset: number;
  shape: readonly number[];
  strides: readonly number[];
}

/** A tensor that a pickle describes; its values stay in the archive until they are read. */
export class TorchTensor extends Foreign implements StoredTensor {
  readonly kind = "a tensor";
  readonly shape: readonly number[];

  /** @throws {PickleError} when the tensor reaches beyond its storage, or repeats elements of it */
  constructor(readonly storage: TorchStorage, readonly dtype: Dtype, readonly layout: Layout) {
    super();
    this.shape = layout.shape;
    const held = Math.floor(storage.bytes / codecs[dtype].bytes), { offset, shape, strides } = layout;
    if (shape.length !== strides.length || shape.length > MAX_DIMENSIONS) {
      throw new PickleError(`a tensor has ${shape.length} sizes and ${strides.length} strides`);
    }
    if (shape.includes(0)) return;
    const last = shape.reduce((sum, extent, i) => sum + (extent - 1) * strides[i], offset);
    if (last >= held) throw new PickleError(`a tensor reaches element ${last} of a storage of ${held}`);
    if (sizeOf(shape) > held) {
      throw new PickleError(`a tensor of ${sizeOf(shape)} elements repeats a storage of ${held}`);
    }
  }

  read(): TensorData {
    const { bytes } = codecs[this.dtype], { offset, shape, strides } = this.layout, count = sizeOf(shape);
    if (count === 0) return codecs[this.dtype].decode(new ArrayBuffer(0), 0, 0);
    const whole = this.storage.archive.read(this.storage.entry);
    const taken = isContiguous(shape, strides)
      ? whole.slice(offset * bytes, (offset + count) * bytes)
      : gather(whole, bytes, this.layout);
    return codecs[this.dtype].decode(taken.buffer, 0, count);
  }
}

/** Whether elements follow each other in row-major order; the stride of a single element says nothing. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let want = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== want) return false;
    want *= shape[i];
  }
  return true;
}

/** The elements of a strided tensor, copied to row-major order. */
function gather(whole: Uint8Array, bytes: number, { offset, shape, strides }: Layout): Uint8Array<ArrayBuffer> {
  const count = sizeOf(shape), taken = new Uint8Array(count * bytes), index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let at = 0; at < count; at++) {
    for (let byte = 0; byte < bytes; byte++) taken[at * bytes + byte] = whole[from * bytes + byte];
    for (let i = shape.length - 1; i >= 0; i--) {
      from += strides[i];
      if (++index[i] < shape[i]) break;
      from -= strides[i] * shape[i];
      index[i] = 0;
    }
  }
  return taken;
}
