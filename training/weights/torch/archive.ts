import { type UnzipFileInfo, unzipSync } from "fflate";
import { PickleError } from "../../../core/pickle/errors.ts";

/** Entries of an archive at most; a checkpoint has one per tensor. */
const MAX_ENTRIES = 100_000;
/** Deflate makes nothing smaller than this. */
const MAX_RATIO = 1032;
const STORED = 0, DEFLATED = 8;

/** A zip archive whose entries are taken out when they are wanted. */
export class Archive {
  readonly #sizes: Map<string, number> = new Map();

  /** @throws {PickleError} when it is no zip, or an entry is compressed otherwise, inflates beyond bounds or is there twice */
  constructor(readonly bytes: Uint8Array) {
    this.#unzip((entry) => {
      this.#add(entry);
      return false;
    });
  }

  /** Names of all entries. */
  names(): string[] {
    return [...this.#sizes.keys()];
  }

  /** Bytes of an entry when it is taken out; undefined when there is none. */
  size(name: string): number | undefined {
    return this.#sizes.get(name);
  }

  /**
   * @param most bytes that are wanted at most
   * @throws {PickleError} when there is no such entry, it is longer, or it is cut off
   */
  read(name: string, most = Infinity): Uint8Array {
    const wanted = this.#sizes.get(name);
    if (wanted === undefined) throw new PickleError(`the archive holds no '${name}'`);
    if (wanted > most) throw new PickleError(`'${name}' of the archive has ${wanted} bytes, want at most ${most}`);
    const bytes = this.#unzip((entry) => entry.name === name)[name];
    if (bytes?.length !== wanted) {
      throw new PickleError(`'${name}' of the archive has ${bytes?.length ?? 0} bytes, want ${wanted}`);
    }
    return bytes;
  }

  #add({ name, size, originalSize, compression }: UnzipFileInfo): void {
    if (this.#sizes.size >= MAX_ENTRIES) throw new PickleError(`the archive holds more than ${MAX_ENTRIES} entries`);
    if (this.#sizes.has(name)) throw new PickleError(`the archive holds '${name}' twice`);
    if (compression !== STORED && compression !== DEFLATED) {
      throw new PickleError(`'${name}' of the archive is compressed by method ${compression}, want stored or deflated`);
    }
    const most = compression === STORED ? size : size * MAX_RATIO;
    if (size > this.bytes.length || originalSize > most) {
      throw new PickleError(`'${name}' of the archive claims ${originalSize} bytes, it can hold at most ${most}`);
    }
    this.#sizes.set(name, originalSize);
  }

  #unzip(filter: (entry: UnzipFileInfo) => boolean): Record<string, Uint8Array> {
    try {
      return unzipSync(this.bytes, { filter });
    } catch (error) {
      if (error instanceof PickleError) throw error;
      throw new PickleError(`the zip archive is broken: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
