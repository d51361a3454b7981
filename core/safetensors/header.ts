import { z } from "zod";
import { codecs } from "./codec.ts";
import { repeatedKey } from "./repeatedKey.ts";
import { sizeOf } from "../engine/program.ts";
import type { Dtype } from "./tensor.ts";

/** Where one tensor lies. */
export interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  /** First and one-past-last byte, counted from the end of the header. */
  begin: number;
  end: number;
}

/** A header that keeps every rule of the format. */
export interface Header {
  metadata: Record<string, string>;
  entries: Entry[];
  /** Byte of the file at which the tensors begin. */
  dataStart: number;
}

/** A broken rule; the reader puts the file's name in front. */
export class FormatError extends Error {}

const maxHeaderBytes = 100_000_000;
const length = z.int().nonnegative();
const metadataSchema = z.record(z.string(), z.string());
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(length),
  data_offsets: z.tuple([length, length]),
});

/**
 * Parses and checks the header of a safetensors file.
 *
 * @param bytes the file, or its beginning with the whole header
 * @param fileBytes bytes of the whole file
 * @throws {FormatError} on the first broken rule: size, JSON, keys, entries, offsets, holes, overlaps, uncovered bytes
 */
export function parseHeader(bytes: Uint8Array, fileBytes = bytes.length): Header {
  const dataStart = headerEnd(bytes);
  const fields = headerFields(bytes.subarray(8, dataStart));
  const metadata = fields.get("__metadata__") ?? {};
  fields.delete("__metadata__");
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) throw new FormatError(`__metadata__ is broken${firstFault(parsed.error)}`);
  const entries = [...fields].map(([name, value]) => parseEntry(name, value));
  checkCover(entries, dataStart, fileBytes);
  // What JSON.parse gave, not zod's copy: that lacks a key named __proto__.
  return { metadata: metadata as Record<string, string>, entries, dataStart };
}

/** Byte at which the header ends: 8 bytes of length, then the length itself. */
function headerEnd(bytes: Uint8Array): number {
  if (bytes.length < 8) throw new FormatError(`file has ${bytes.length} bytes, want 8 for the header's length`);
  const size = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (size > maxHeaderBytes) {
    throw new FormatError(
      `header has ${size} bytes by the first 8, want at most ${maxHeaderBytes}; is it a safetensors file?`,
    );
  }
  const end = 8 + Number(size);
  if (end > bytes.length) throw new FormatError(`header ends at byte ${end}, file has ${bytes.length}`);
  return end;
}

function headerFields(bytes: Uint8Array): Map<string, unknown> {
  if (bytes[0] !== 0x7b) throw new FormatError(`header begins with byte ${bytes[0] ?? "none"}, want 123 ('{')`);
  let text: string, fields: Record<string, unknown>;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    fields = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new FormatError(`header is not JSON in UTF-8: ${message}`);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) throw new FormatError(`header holds the key '${repeated}' twice, want it once`);
  return new Map(Object.entries(fields));
}

function parseEntry(name: string, value: unknown): Entry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw new FormatError(`tensor '${name}' has a broken header entry${firstFault(parsed.error)}`);
  const { dtype, shape, data_offsets: [begin, end] } = parsed.data;
  if (!Object.hasOwn(codecs, dtype)) {
    throw new FormatError(`tensor '${name}' has dtype ${dtype}, want one of ${Object.keys(codecs).join(", ")}`);
  }
  const wanted = sizeOf(shape) * codecs[dtype as Dtype].bytes;
  if (end - begin !== wanted) {
    throw new FormatError(
      `tensor '${name}' has ${end - begin} bytes, want ${wanted} for ${dtype} [${shape.join(", ")}]`,
    );
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

function firstFault(error: z.ZodError): string {
  const { path, message } = error.issues[0];
  return path.length > 0 ? ` at ${path.join(".")}: ${message}` : `: ${message}`;
}

/** Every byte behind the header belongs to exactly one tensor. */
function checkCover(entries: Entry[], dataStart: number, fileBytes: number): void {
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (dataStart + end > fileBytes) {
      throw new FormatError(`tensor '${name}' ends at byte ${dataStart + end}, file has ${fileBytes}`);
    }
    if (begin !== covered) {
      const what = begin > covered ? "leaves a hole" : "overlaps another tensor";
      throw new FormatError(
        `tensor '${name}' ${what}: it begins at byte ${dataStart + begin}, want ${dataStart + covered}`,
      );
    }
    covered = end;
  }
  if (dataStart + covered !== fileBytes) {
    throw new FormatError(`tensors end at byte ${dataStart + covered}, file has ${fileBytes}`);
  }
}
