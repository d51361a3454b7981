import { readWhole } from "../../cli/files.ts";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { WEIGHTS_FORMAT } from "../checkpoint/weightsFile.ts";
import { chosenNames } from "./chosenNames.ts";
import { firstBytes } from "./firstBytes.ts";
import { namesText, nameText } from "./names.ts";
import { normalised, under } from "./normalise.ts";
import { whatItIs } from "./notWeights.ts";
import { readShards } from "./shards.ts";
import { countText, type StoredTensor } from "./tensors.ts";
import { looksLikeTorch, readTorchFile } from "./torch/readTorchFile.ts";
import { type DictChoice, stateDict } from "./torch/stateDict.ts";
import { sha256 as sha256Of } from "../../core/sha256.ts";
import { VALUE_PREFIX } from "../../core/checkpoint/tensors.ts";

/** A file of weights, whoever wrote it. */
export interface WeightsSource {
  name: string;
  /** Of the whole file, in hexadecimal; of a model in several files see `Shards`. */
  sha256: string;
  bytes: number;
  format: "safetensors" | "torch.save";
  /** Of a safetensors file; torch's files have none. */
  metadata: Record<string, string>;
  tensors: Map<string, StoredTensor>;
  /** What was set aside on the way to the weights, in words. */
  notes: string[];
}

/** Bytes that tell what a file is. */
const TELLING = 1024;
/** Behind the 8 bytes of its length, the header of a safetensors file begins. */
const OPENING_BRACE = 0x7b;

/**
 * Reads a file of weights: safetensors, the index of several such files, or a zip file of `torch.save`.
 *
 * @param choice of one of several models in it
 * @throws {UserError} when it cannot be read, is none of them, or does not hold the chosen model
 */
export async function openWeights(path: string, choice: DictChoice = {}): Promise<WeightsSource> {
  const open = opener(await firstBytes(path, TELLING), path), bytes = await readWhole(path);
  const { isChosen = false, beside = [], tensors, notes = [], ...rest } = await open(bytes, path, choice);
  const about = { name: path, sha256: sha256Of(bytes), bytes: bytes.length, ...rest };
  if (isChosen || !(choice.ema || choice.key !== undefined)) return { ...about, tensors, notes };
  const found = chosenNames(tensors, choice, path, beside);
  return { ...about, tensors: found.tensors, notes: [...notes, ...found.notes] };
}

/** What a way to read a file gives. */
interface Opened
  extends
    Pick<WeightsSource, "format" | "metadata" | "tensors">,
    Partial<Pick<WeightsSource, "notes" | "sha256" | "bytes">> {
  /** Whether the tensors are those of the chosen model. */
  isChosen?: boolean;
  /** Keys of the file beside them. */
  beside?: string[];
}

type Opener = (bytes: Uint8Array, path: string, choice: DictChoice) => Opened | Promise<Opened>;

/** The way to read a file that begins so. */
function opener(first: Uint8Array, path: string): Opener {
  if (looksLikeTorch(first)) return openTorch;
  // A header is shorter than 2^32 bytes, and no text holds a zero.
  if (first[8] === OPENING_BRACE && first.subarray(4, 8).every((byte) => byte === 0)) return openSafetensors;
  if (first[0] === OPENING_BRACE && path.endsWith(".json")) return openShards;
  throw new UserError(`Cannot read ${path}: ${whatItIs(first)}`);
}

/**
 * The weights alone, under the model's own names: of a checkpoint without the optimiser's moments, and without the prefixes
 * that wrappers put before names; a file of our own has names as its model has them.
 *
 * @returns the tensors, and the notes with what was set aside
 * @throws {UserError} when names become one without prefixes, or several encoders could be meant
 */
export function weightsOf(
  { name: file, metadata, tensors, notes }: WeightsSource,
): Pick<WeightsSource, "tensors" | "notes"> {
  const names = [...tensors.keys()];
  if (names.some((name) => name.startsWith(VALUE_PREFIX))) {
    const left = names.filter((name) => !name.startsWith(VALUE_PREFIX)).length;
    return {
      tensors: under(tensors, VALUE_PREFIX),
      notes: [...notes, `left out: ${countText(left)} of the optimiser`],
    };
  }
  if (metadata.format === WEIGHTS_FORMAT) return { tensors, notes };
  const found = normalised(tensors, file);
  return { tensors: found.tensors, notes: [...notes, ...found.notes] };
}

function openTorch(bytes: Uint8Array, path: string, choice: DictChoice): Opened {
  const { key, isChosen, beside, tensors } = stateDict(readTorchFile(bytes, path), choice);
  const left = beside.length > 0 ? `; left out: ${namesText(beside)}` : "";
  const notes = key === undefined ? [] : [`the weights stood under '${nameText(key)}'${left}`];
  return { format: "torch.save", metadata: {}, tensors, isChosen, beside, notes };
}

async function openShards(bytes: Uint8Array, path: string): Promise<Opened> {
  return { format: "safetensors", metadata: {}, ...await readShards(bytes, path) };
}

function openSafetensors(bytes: Uint8Array, name: string): Opened {
  const { metadata, tensors } = readSafetensors(bytes, name);
  if (tensors.size === 0) throw new UserError(`Cannot read ${name}: it holds no tensor`);
  const stored = [...tensors].map(([key, { dtype, shape, data }]) =>
    [key, { dtype, shape, read: () => data } satisfies StoredTensor] as const
  );
  return { format: "safetensors", metadata, tensors: new Map<string, StoredTensor>(stored) };
}
