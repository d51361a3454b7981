import { UserError } from "../errors.ts";
import { codecs } from "./codec.ts";
import { type Entry, FormatError, type Header, parseHeader } from "./header.ts";
import { sizeOf } from "../engine/program.ts";
import type { SafetensorsFile, Tensor } from "./tensor.ts";

/**
 * Reads a safetensors file, strictly: a file that breaks any rule of the format is refused as a whole.
 *
 * Tensors are views of `bytes` where their alignment allows it, copies otherwise.
 *
 * @param bytes the whole file
 * @param name the file's name, for error messages
 * @throws {UserError} naming file, tensor, the value found and the value wanted
 * @example A broken file
 * ```ts
 * import { readSafetensors } from "@vitfreeze/vitfreeze/weights";
 * import { throws } from "node:assert";
 *
 * throws(() => readSafetensors(new Uint8Array(3), "a.safetensors"), /Cannot read a\.safetensors: /);
 * ```
 */
export function readSafetensors(bytes: Uint8Array, name = "the safetensors bytes"): SafetensorsFile {
  let header: Header;
  try {
    header = parseHeader(bytes);
  } catch (error) {
    if (error instanceof FormatError) throw new UserError(`Cannot read ${name}: ${error.message}`);
    throw error;
  }
  const tensors = new Map(header.entries.map((entry) => [entry.name, decode(bytes, header.dataStart, entry)]));
  return { name, metadata: header.metadata, tensors };
}

function decode(bytes: Uint8Array, dataStart: number, { dtype, shape, begin, end }: Entry): Tensor {
  const codec = codecs[dtype], count = sizeOf(shape), at = bytes.byteOffset + dataStart + begin;
  const data = at % codec.bytes === 0
    ? codec.decode(bytes.buffer, at, count)
    : codec.decode(bytes.slice(dataStart + begin, dataStart + end).buffer, 0, count);
  return { dtype, shape, data };
}
