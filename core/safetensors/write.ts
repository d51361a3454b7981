import canonicalize from "canonicalize";
import { codecs } from "./codec.ts";
import { sizeOf } from "../engine/program.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Writes tensors as a safetensors file. The same tensors and metadata give the same bytes: tensors in the order of their
 * names, header as canonical JSON (RFC 8785) padded with spaces to a multiple of 8 bytes.
 *
 * F16 and BF16 are rounded to nearest, ties to even.
 *
 * @param tensors pairs of name and tensor, e.g. a Map
 * @throws {RangeError} when a tensor's array does not fit its dtype or shape, or a name is taken
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  const header = new Map<string, unknown>([["__metadata__", metadata]]);
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of sorted) {
    if (header.has(name)) throw new RangeError(`Cannot write tensor '${name}': the name is taken`);
    const part = encode(name, tensor), begin = end;
    end += part.length;
    parts.push(part);
    header.set(name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] });
  }
  return join(new TextEncoder().encode(canonicalize(Object.fromEntries(header))), parts, end);
}

function encode(name: string, { dtype, shape, data }: Tensor): Uint8Array {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`Cannot write tensor '${name}': it has ${data.length} elements, want [${shape.join(", ")}]`);
  }
  const view = codecs[dtype].encode(data);
  if (!view) throw new RangeError(`Cannot write tensor '${name}': ${data.constructor.name} does not hold ${dtype}`);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function join(header: Uint8Array, parts: Uint8Array[], dataBytes: number): Uint8Array<ArrayBuffer> {
  const headerBytes = Math.ceil(header.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + dataBytes).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(header, 8);
  let at = 8 + headerBytes;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
