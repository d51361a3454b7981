import canonicalize from "canonicalize";
import { codecs } from "./codec.ts";
import { sizeOf } from "../engine/program.ts";
import type { Tensor } from "./tensor.ts";

/** Where the tensors of a file go. */
export interface Layout {
  /** Everything before the first tensor: the header's length, the header, padding. */
  header: Uint8Array<ArrayBuffer>;
  /** Names in the order in which the tensors follow. */
  order: string[];
  /** Bytes of the whole file. */
  bytes: number;
}

/**
 * Lays out a safetensors file. The same tensors and metadata give the same bytes: tensors in the order of their names,
 * header as canonical JSON (RFC 8785) padded with spaces to a multiple of 8 bytes.
 *
 * @param tensors names, dtypes and shapes
 * @throws {RangeError} when a name is taken
 */
export function layoutSafetensors(
  tensors: Iterable<readonly [string, Pick<Tensor, "dtype" | "shape">]>,
  metadata: Record<string, string> = {},
): Layout {
  const sorted = [...tensors].sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
  const fields = new Map<string, unknown>([["__metadata__", metadata]]);
  let end = 0;
  for (const [name, { dtype, shape }] of sorted) {
    if (fields.has(name)) throw new RangeError(`Cannot write tensor '${name}': the name is taken`);
    const begin = end;
    end += sizeOf(shape) * codecs[dtype].bytes;
    fields.set(name, { dtype, shape, data_offsets: [begin, end] });
  }
  const text = new TextEncoder().encode(canonicalize(Object.fromEntries(fields)));
  const length = Math.ceil(text.length / 8) * 8, header = new Uint8Array(8 + length).fill(0x20, 8);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(text, 8);
  return { header, order: sorted.map(([name]) => name), bytes: header.length + end };
}

/**
 * Writes tensors as a safetensors file, laid out as `layoutSafetensors` says.
 *
 * F16 and BF16 are rounded to nearest, ties to even.
 *
 * @param tensors pairs of name and tensor, e.g. a Map
 * @throws {RangeError} when a tensor's array does not fit its dtype or shape, or a name is taken
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "@vitfreeze/vitfreeze/weights";
 * import { deepStrictEqual } from "node:assert";
 *
 * const bias = { dtype: "F32" as const, shape: [2], data: Float32Array.of(0.5, -1) };
 * const { tensors, metadata } = readSafetensors(writeSafetensors([["bias", bias]], { by: "me" }));
 * deepStrictEqual([tensors.get("bias"), { ...metadata }], [bias, { by: "me" }]);
 * ```
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata: Record<string, string> = {},
): Uint8Array<ArrayBuffer> {
  const all = [...tensors], parts = new Map(all.map(([name, tensor]) => [name, encode(name, tensor)]));
  const { header, order, bytes } = layoutSafetensors(all, metadata), file = new Uint8Array(bytes);
  file.set(header);
  let at = header.length;
  for (const name of order) {
    const part = parts.get(name)!;
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function encode(name: string, { dtype, shape, data }: Tensor): Uint8Array {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`Cannot write tensor '${name}': it has ${data.length} elements, want [${shape.join(", ")}]`);
  }
  const view = codecs[dtype].encode(data);
  if (!view) throw new RangeError(`Cannot write tensor '${name}': ${data.constructor.name} does not hold ${dtype}`);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
