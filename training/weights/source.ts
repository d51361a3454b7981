import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { countText, type StoredTensor } from "./tensors.ts";
import { looksLikeTorch, readTorchFile } from "./torch/readTorchFile.ts";
import { stateDict } from "./torch/stateDict.ts";
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
/** Put before every name by torch's DistributedDataParallel. */
const PARALLEL = "module.";

/**
 * Reads a file of weights: safetensors, or a zip file of `torch.save`.
 *
 * @throws {UserError} when it cannot be read, or is neither
 */
export async function openWeights(path: string): Promise<WeightsSource> {
  const bytes = await readWhole(path), notes: string[] = [];
  const sha256 = sha256Of(bytes);
  if (!looksLikeTorch(bytes) && bytes[8] !== OPENING_BRACE) {
    throw new UserError(`Cannot read ${path}: want a safetensors file, or one of torch.save`);
  }
  const read = looksLikeTorch(bytes) ? openTorch(bytes, path, notes) : openSafetensors(bytes, path);
  return { name: path, sha256, bytes: bytes.length, notes, ...read };
}

/**
 * The weights alone, under the model's own names: of a checkpoint without the optimiser's moments, and without the prefix
 * that parallel training puts before names.
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
  if (names.every((name) => name.startsWith(PARALLEL))) return { tensors: stripped(tensors, PARALLEL), notes };
  return { tensors, notes };
}

function stripped(tensors: WeightsSource["tensors"], prefix: string): WeightsSource["tensors"] {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function openTorch(bytes: Uint8Array, name: string, notes: string[]) {
  const { key, beside, tensors } = stateDict(readTorchFile(bytes, name));
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
