import { createHash } from "node:crypto";
import { openPlain, reason } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { type Entry, FormatError, parseHeader } from "../../core/safetensors/header.ts";

const CHUNK = 1 << 22;

/** What is done with the parts of a file of float32 tensors. */
export interface TensorVisitor {
  /** Is given the header before any tensor; may refuse it. */
  header(entries: readonly Entry[], metadata: Record<string, string>): void;
  tensor(name: string, data: Float32Array): void;
}

/**
 * Reads a safetensors file of float32 tensors one by one, so that never more than one of them is in memory twice.
 *
 * @throws {UserError} when the file cannot be read, or breaks a rule of the format
 */
export async function readTensors(path: string, visitor: TensorVisitor): Promise<void> {
  await withFile(path, async (file) => {
    const { size } = await file.stat(), start = await readExactly(file, Math.min(8, size));
    const length = start.length === 8 ? Number(new DataView(start.buffer).getBigUint64(0, true)) : 0;
    const rest = await readExactly(file, Math.max(0, Math.min(length, size - 8, CHUNK * 25)));
    const bytes = new Uint8Array(start.length + rest.length);
    bytes.set(start);
    bytes.set(rest, start.length);
    const { entries, metadata } = parseHeader(bytes, size);
    visitor.header(entries, metadata);
    for (const { name, begin, end } of entries) {
      visitor.tensor(name, new Float32Array((await readExactly(file, end - begin)).buffer));
    }
  });
}

/**
 * SHA-256 of a file, read in pieces.
 *
 * @throws {UserError} when it cannot be read
 */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash("sha256"), buffer = new Uint8Array(CHUNK);
  await withFile(path, async (file) => {
    for (let read; (read = await file.read(buffer)) !== null;) hash.update(buffer.subarray(0, read));
  });
  return hash.digest("hex");
}

async function withFile(path: string, use: (file: Deno.FsFile) => Promise<void>): Promise<void> {
  try {
    using file = await openPlain(path);
    await use(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot read ${path}: ${error instanceof FormatError ? error.message : reason(error)}`);
  }
}

/** So many bytes; fewer only where the file ends, which the header's check does not allow behind it. */
async function readExactly(file: Deno.FsFile, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await file.read(bytes.subarray(at));
    if (read === null) throw new FormatError(`it ends ${count - at} bytes too early`);
    at += read;
  }
  return bytes;
}
