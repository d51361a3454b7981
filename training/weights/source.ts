import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { normalised } from "./normalise.ts";
import { whatItIs } from "./notWeights.ts";
import { INDEX, readShards } from "./shards.ts";
import { countText, type StoredTensor } from "./tensors.ts";
import { looksLikeTorch, readTorchFile } from "./torch/readTorchFile.ts";
import { type DictChoice, stateDict } from "./torch/stateDict.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";
import { VALUE_PREFIX } from "../../core/checkpoint/tensors.ts";

/** A file of weights, whoever wrote it. */
export interface WeightsSource {
  name: string;
  /** Of the whole file, in hexadecimal. */
  sha256: string;
  bytes: number;
  format: "safetensors" | "torch.save";
  /** Of a safetensors file; torch's files have none. */
  metadata: Record<string, string>;
  tensors: Map<string, StoredTensor>;
  /** What was set aside on the way to the weights, in words. */
  notes: string[];
}

/** Behind the 8 bytes of its length, the header of a safetensors file begins. */
const OPENING_BRACE = 0x7b;

/**
 * Reads a file of weights: safetensors, the index of several such files, or a zip file of `torch.save`.
 *
 * @throws {UserError} when it cannot be read, or is neither
 */
export async function openWeights(path: string, choice: DictChoice = {}): Promise<WeightsSource> {
  const bytes = await readWhole(path), notes: string[] = [], sha256 = sha256Of(bytes);
  const about = { name: path, sha256, bytes: bytes.length, notes }, isTorch = looksLikeTorch(bytes);
  if (!isTorch) refuseChoice(choice, path);
  if (isTorch) return { ...about, ...openTorch(bytes, path, notes, choice) };
  if (bytes[8] === OPENING_BRACE) return { ...about, ...openSafetensors(bytes, path) };
  if (!path.endsWith(INDEX)) {
    throw new UserError(`Cannot read ${path}: ${whatItIs(bytes)}`);
  }
  return { ...about, format: "safetensors", metadata: {}, tensors: await readShards(bytes, path) };
}

/**
 * The weights alone, under the model's own names: of a checkpoint without the optimiser's moments, and without the prefixes
 * that wrappers put before names.
 *
 * @returns the tensors, and the notes with what was set aside
 */
export function weightsOf({ tensors, notes }: WeightsSource): Pick<WeightsSource, "tensors" | "notes"> {
  const names = [...tensors.keys()];
  if (names.some((name) => name.startsWith(VALUE_PREFIX))) {
    const left = names.filter((name) => !name.startsWith(VALUE_PREFIX)).length;
    return {
      tensors: stripped(tensors, VALUE_PREFIX),
      notes: [...notes, `left out: ${countText(left)} of the optimiser`],
    };
  }
  const found = normalised(tensors);
  return { tensors: found.tensors, notes: [...notes, ...found.notes] };
}

function refuseChoice({ key, ema }: DictChoice, path: string): void {
  const flag = key !== undefined ? `--key ${key}` : ema ? "--ema" : undefined;
  if (flag) throw new UserError(`Cannot use ${flag}: ${path} is none of torch.save, want the flag left away`);
}

function stripped(tensors: WeightsSource["tensors"], prefix: string): WeightsSource["tensors"] {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function openTorch(bytes: Uint8Array, name: string, notes: string[], choice: DictChoice) {
  const { key, beside, tensors } = stateDict(readTorchFile(bytes, name), choice);
  if (key !== undefined) {
    notes.push(`the weights stood under '${key}'${beside.length ? `; left out: ${beside.join(", ")}` : ""}`);
  }
  return { format: "torch.save" as const, metadata: {}, tensors };
}

function openSafetensors(bytes: Uint8Array, name: string) {
  const { metadata, tensors } = readSafetensors(bytes, name);
  if (tensors.size === 0) throw new UserError(`Cannot read ${name}: it holds no tensor`);
  const stored = [...tensors].map(([key, { dtype, shape, data }]) =>
    [key, { dtype, shape, read: () => data } satisfies StoredTensor] as const
  );
  return { format: "safetensors" as const, metadata, tensors: new Map<string, StoredTensor>(stored) };
}
