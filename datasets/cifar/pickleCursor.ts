import { UserError } from "../../core/errors.ts";

/** Reads a pickle's bytes one after the other, and knows where it is when something is wrong. */
export class PickleCursor {
  /** Where the next byte is read. */
  at = 0;
  /** Where the opcode in work stands, for messages. */
  opcodeAt = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;

  /** @param name the file, for messages */
  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
  }

  /** The error that says what was found at the opcode in work. */
  error(found: string, wanted: string): UserError {
    return new UserError(`Cannot read ${this.#name}: ${found} at byte ${this.opcodeAt}, want ${wanted}`);
  }

  /**
   * The next bytes, as a view of the pickle.
   *
   * @throws {UserError} when it ends before
   */
  take(count: number): Uint8Array {
    const start = this.at, left = this.#bytes.length - start;
    if (count > left) {
      const what = `a value of ${count} bytes`;
      throw this.error(`the pickle ends after ${this.#bytes.length} bytes, within ${what}`, "a whole pickle");
    }
    this.at += count;
    return this.#bytes.subarray(start, this.at);
  }

  /** The next byte. */
  u8(): number {
    return this.take(1)[0];
  }

  /** The next two bytes as an unsigned number. */
  u16(): number {
    this.take(2);
    return this.#view.getUint16(this.at - 2, true);
  }

  /** The next four bytes as an unsigned number. */
  u32(): number {
    this.take(4);
    return this.#view.getUint32(this.at - 4, true);
  }

  /** The next four bytes as a signed number. */
  i32(): number {
    return this.u32() | 0;
  }

  /** The text up to the next line feed, which is passed over; every byte is one character. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw this.error(`the pickle ends after ${this.#bytes.length} bytes, within a line`, "a whole pickle");
    const text = latin1(this.take(end - this.at));
    this.at++;
    return text;
  }
}

/** Text of which every byte is one character: what a string of Python 2 is. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The bytes of such text; undefined when a character does not fit one byte. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  return codes.every((code) => code < 256) ? Uint8Array.from(codes) : undefined;
}
