import { dirname, join } from "node:path";
import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { nameText } from "./names.ts";
import type { StoredTensor } from "./tensors.ts";

/**
 * The tensors of a model in several safetensors files.
 *
 * @param bytes of the index, which names the file of each tensor; the files lie beside it
 * @throws {UserError} when it is no index, a file cannot be read, or holds other tensors than it is said to
 */
export async function readShards(bytes: Uint8Array, path: string): Promise<Map<string, StoredTensor>> {
  const files = filesOf(bytes, path), tensors = new Map<string, StoredTensor>();
  for (const [file, names] of Map.groupBy(files, ([, file]) => file)) {
    const shard = join(dirname(path), file), { tensors: own } = readSafetensors(await readWhole(shard), shard);
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
  return tensors;
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
