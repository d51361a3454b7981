import { dirname, join } from "node:path";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { sha256 } from "../../core/sha256.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { nameText } from "./names.ts";
import type { StoredTensor } from "./tensors.ts";

/** A model in several files. */
export interface Shards {
  tensors: Map<string, StoredTensor>;
  /** SHA-256 of a line with the index's own and a line with each file's and its name, in the order of names. */
  sha256: string;
  /** Of the index and all files. */
  bytes: number;
}

/**
 * The tensors of a model in several safetensors files.
 *
 * @param bytes of the index, which names the file of each tensor; the files lie beside it
 * @throws {UserError} when it is no index, a file cannot be read, or holds other tensors than it is said to
 */
export async function readShards(bytes: Uint8Array, path: string): Promise<Shards> {
  const files = filesOf(bytes, path), tensors = new Map<string, StoredTensor>(), hashes = new Map<string, string>();
  let total = bytes.length;
  for (const [file, names] of Map.groupBy(files, ([, file]) => file)) {
    const shard = join(dirname(path), file), content = await readWhole(shard);
    const { tensors: own } = readSafetensors(content, shard);
    hashes.set(file, sha256(content));
    total += content.length;
    const mapped = new Set(names.map(([name]) => name)), extra = [...own.keys()].find((name) => !mapped.has(name));
    if (extra !== undefined) {
      throw new UserError(`Cannot read ${shard}: it holds '${nameText(extra)}', which ${path} does not name in it`);
    }
    for (const name of mapped) {
      const tensor = own.get(name);
      if (!tensor) {
        throw new UserError(`Cannot read ${shard}: it holds no '${nameText(name)}', which ${path} says it does`);
      }
      const { dtype, shape, data } = tensor;
      tensors.set(name, { dtype, shape, read: () => data });
    }
  }
  const lines = [sha256(bytes), ...[...hashes.keys()].sort().map((file) => `${hashes.get(file)}  ${file}`)];
  return { tensors, sha256: sha256(lines.map((line) => `${line}\n`).join("")), bytes: total };
}

function filesOf(bytes: Uint8Array, path: string): [tensor: string, file: string][] {
  const wanted = "want an index with a weight_map of tensors and files";
  let index: unknown;
  try {
    index = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new UserError(`Cannot read ${path}: it is no JSON, ${wanted}`);
  }
  const map = typeof index === "object" && index !== null && "weight_map" in index ? index.weight_map : undefined;
  const entries = typeof map === "object" && map !== null ? Object.entries(map) : [];
  if (entries.length === 0) throw new UserError(`Cannot read ${path}: it names no tensor, ${wanted}`);
  for (const [name, file] of entries) {
    if (typeof file !== "string" || /[/\\]/.test(file) || !file.endsWith(".safetensors")) {
      throw new UserError(
        `Cannot read ${path}: '${nameText(name)}' is in ${JSON.stringify(file)}, want a .safetensors file beside it`,
      );
    }
  }
  return entries as [string, string][];
}
