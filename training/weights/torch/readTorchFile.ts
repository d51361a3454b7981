import { UserError } from "../../../core/errors.ts";
import { guarded, PickleError } from "../../../core/pickle/errors.ts";
import type { PickleHost } from "../../../core/pickle/host.ts";
import { readPickle } from "../../../core/pickle/readPickle.ts";
import { describe, Opaque, PickleDict, PickleTuple, type PickleValue, quote } from "../../../core/pickle/values.ts";
import { Archive } from "./archive.ts";
import { storageDtype } from "./dtypes.ts";
import { GLOBALS } from "./globals.ts";
import { countOf } from "./rebuild.ts";
import { TorchStorage } from "./tensor.ts";

/** What `torch.save` wrote. */
export interface TorchFile {
  /** The file's name, for error messages. */
  name: string;
  /** The saved value, its tensors as `TorchTensor`. */
  root: PickleValue;
}

/** The magic number that opens torch's format before 1.6: a pickle of the integer 0x1950a86a20f9469cfc6c. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const ZIP = [0x50, 0x4b];
/** Bytes of a pickle at most; a checkpoint of ViT-B with its optimiser takes 84 kB. */
export const MAX_PICKLE = 1 << 23;
/** Bytes of "little" and "big", with room. */
const MAX_ORDER = 16;

/**
 * Reads a file of `torch.save` (a zip archive since torch 1.6) without running any code of it. The values of tensors are
 * taken out when they are read.
 *
 * @param bytes the whole file
 * @param name the file's name, for error messages
 * @throws {UserError} when the file is of another format or broken, or names anything but tensors and plain data
 */
export function readTorchFile(bytes: Uint8Array, name: string): TorchFile {
  if (begins(bytes, LEGACY)) {
    throw new UserError(
      `Cannot read ${name}: it is in the format of torch before 1.6, want it loaded and saved again by a newer torch`,
    );
  }
  if (!begins(bytes, ZIP)) throw new UserError(`Cannot read ${name}: it is no zip archive, want a file of torch.save`);
  return { name, root: guarded(name, () => readRoot(new Archive(bytes))) };
}

/** Whether a file's first bytes are those of a zip archive or of torch's old format. */
export function looksLikeTorch(bytes: Uint8Array): boolean {
  return begins(bytes, ZIP) || begins(bytes, LEGACY);
}

function begins(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function readRoot(archive: Archive): PickleValue {
  const names = archive.names(), pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw new PickleError(`the archive holds ${pickles.length} entries 'data.pkl', want 1 as of torch.save`);
  }
  const [pickle] = pickles, folder = pickle.slice(0, pickle.indexOf("/"));
  const script = names.find((name) => name === `${folder}/constants.pkl` || name.startsWith(`${folder}/code/`));
  if (script !== undefined) {
    throw new PickleError("it is a TorchScript program, which holds code; want the state dict saved by torch.save");
  }
  checkByteOrder(archive, `${folder}/byteorder`);
  return readPickle(archive.read(pickle, MAX_PICKLE), hostOf(archive, folder));
}

/** Files of torch before 2.0 do not say; those of big-endian machines are rare. */
function checkByteOrder(archive: Archive, entry: string): void {
  if (archive.size(entry) === undefined) return;
  const order = new TextDecoder().decode(archive.read(entry, MAX_ORDER));
  if (order !== "little") throw new PickleError(`its byte order is ${quote(order)}, want 'little'`);
}

/** Lets a pickle name what {@link GLOBALS} holds, and reach the storages of its archive. */
function hostOf(archive: Archive, folder: string): PickleHost {
  return {
    globals: GLOBALS,
    load(id) {
      const [tag, type, key, , count] = id instanceof PickleTuple ? id.items : [];
      if (tag !== "storage" || typeof key !== "string") {
        throw new PickleError(`a persistent id is ${describe(id)}, want that of a storage`);
      }
      const elements = countOf(count ?? null, "a storage's length");
      return new TorchStorage(archive, `${folder}/data/${key}`, storageDtype(type ?? null), elements);
    },
    // Not kept: dicts have attributes that no tensor needs, the rest is opaque.
    build: (target) => target instanceof PickleDict || target instanceof Opaque,
  };
}
