/** Reads an open file by windows: who reads small parts, one behind the other, asks the system for few large ones. */
export class FileWindow {
  #file: Deno.FsFile;
  #size: number;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param size bytes that are read at once, at least */
  constructor(file: Deno.FsFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** The bytes from a position on, fewer than wanted where the file ends; they stay as they are. */
  async read(position: number, length: number): Promise<Uint8Array> {
    if (position < this.#start || position + length > this.#start + this.#bytes.length) {
      this.#bytes = await readUpTo(this.#file, position, Math.max(this.#size, length));
      this.#start = position;
    }
    return this.#bytes.subarray(position - this.#start, position - this.#start + length);
  }
}

async function readUpTo(file: Deno.FsFile, position: number, length: number): Promise<Uint8Array> {
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
