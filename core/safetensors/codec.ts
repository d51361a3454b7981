import type { Dtype, TensorData } from "./tensor.ts";

/** How the elements of one dtype lie in the file. */
interface Codec {
  /** Bytes per element. */
  bytes: number;
  /** Views `count` elements at `offset`, a multiple of `bytes`; widened dtypes are copied. */
  decode(buffer: ArrayBufferLike, offset: number, count: number): TensorData;
  /** The elements as they lie in the file, or undefined when the array is of another type. */
  encode(data: TensorData): ArrayBufferView | undefined;
}

type ArrayOf<T> = { new (buffer: ArrayBufferLike, offset: number, count: number): T; BYTES_PER_ELEMENT: number };

function plain<T extends TensorData>(type: ArrayOf<T>): Codec {
  return {
    bytes: type.BYTES_PER_ELEMENT,
    decode: (buffer, offset, count) => new type(buffer, offset, count),
    encode: (data) => data instanceof type ? data : undefined,
  };
}

const half: Codec = {
  bytes: 2,
  decode: (buffer, offset, count) => Float32Array.from(new Float16Array(buffer, offset, count)),
  encode: (data) => data instanceof Float32Array ? Float16Array.from(data) : undefined,
};

const brain: Codec = {
  bytes: 2,
  decode(buffer, offset, count) {
    const bits = Uint32Array.from(new Uint16Array(buffer, offset, count), (word) => word << 16);
    return new Float32Array(bits.buffer);
  },
  encode(data) {
    if (!(data instanceof Float32Array)) return undefined;
    return Uint16Array.from(new Uint32Array(data.slice().buffer), roundToBrain);
  },
};

/** Upper 16 bits of a float32, rounded to nearest, ties to even; a NaN stays a NaN. */
function roundToBrain(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** Codecs by dtype. Little-endian, like the format and every platform that runs this. */
export const codecs: Record<Dtype, Codec> = {
  F64: plain(Float64Array),
  F32: plain(Float32Array),
  F16: half,
  BF16: brain,
  I64: plain(BigInt64Array),
  U64: plain(BigUint64Array),
  I32: plain(Int32Array),
  U32: plain(Uint32Array),
  I16: plain(Int16Array),
  U16: plain(Uint16Array),
  I8: plain(Int8Array),
  U8: plain(Uint8Array),
  BOOL: plain(Uint8Array),
};
