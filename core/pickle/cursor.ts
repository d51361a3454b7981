import { PickleError } from "./errors.ts";
import { latin1 } from "./latin1.ts";

/** Reads a pickle's bytes from front to back. */
export class Cursor {
  /** The next byte. */
  at = 0;
  readonly #view: DataView;
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** So many bytes, as a view. */
  take(count: number): Uint8Array {
    const begin = this.at, end = begin + count;
    if (end > this.bytes.length) throw new PickleError(`the pickle ends early, want ${count} more bytes`);
    this.at = end;
    return this.bytes.subarray(begin, end);
  }

  u8(): number {
    return this.take(1)[0];
  }

  u16(): number {
    return this.#view.getUint16(this.#skip(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#skip(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#skip(4), true);
  }

  /** An unsigned 64-bit length; one that no pickle reaches is as good as infinite. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  /** A big-endian double, the one number of a pickle that is. */
  f64(): number {
    return this.#view.getFloat64(this.#skip(8));
  }

  /** A little-endian integer in two's complement: a number where that is exact, a bigint elsewhere. */
  long(count: number): number | bigint {
    const bytes = this.take(count);
    let value = 0n;
    for (let i = count - 1; i >= 0; i--) value = value << 8n | BigInt(bytes[i]);
    value = BigInt.asIntN(8 * count, value);
    return BigInt.asIntN(53, value) === value ? Number(value) : value;
  }

  /** So many bytes of UTF-8. */
  text(count: number): string {
    const bytes = this.take(count);
    try {
      return this.#text.decode(bytes);
    } catch {
      throw new PickleError("a text is no UTF-8");
    }
  }

  /** A line without its end; every byte is one character. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new PickleError("the pickle ends within a line");
    const text = latin1(this.take(end - this.at));
    this.at++;
    return text;
  }

  #skip(count: number): number {
    const at = this.at;
    this.take(count);
    return at;
  }
}
