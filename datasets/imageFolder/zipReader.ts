import { type Buffer } from "node:buffer";
import { RandomAccessReader } from "yauzl";

/** Bytes that are read at once: entries of a directory lie one behind the other, and each asks for few. */
const WINDOW = 2 ** 20;

/** Reads bytes of an open file for yauzl, by windows; the file stays its owner's. */
export class WindowReader extends RandomAccessReader {
  #file: Deno.FsFile;
  #start = 0;
  #window: Uint8Array = new Uint8Array(0);

  constructor(file: Deno.FsFile) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.#copy(buffer.subarray(offset, offset + length), position).then(() => callback(null), callback);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }

  async #copy(to: Uint8Array, position: number): Promise<void> {
    const end = position + to.length;
    if (position < this.#start || end > this.#start + this.#window.length) {
      this.#window = await readUpTo(this.#file, position, Math.max(WINDOW, to.length));
      this.#start = position;
    }
    const at = position - this.#start;
    if (at + to.length > this.#window.length) throw new Error("unexpected end of file");
    to.set(this.#window.subarray(at, at + to.length));
  }
}

/** The bytes from a position on, fewer than wanted where the file ends. */
export async function readUpTo(file: Deno.FsFile, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  await file.seek(position, Deno.SeekMode.Start);
  while (at < length) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) break;
    at += count;
  }
  return bytes.subarray(0, at);
}
