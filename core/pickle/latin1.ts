import { PickleError } from "./errors.ts";

/** Characters made at once; a function takes no more than some 100,000 arguments. */
const CHUNK = 4096;

/** Text of which every byte is one character: what a string of Python 2 is. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}

/**
 * The bytes of such text.
 *
 * @throws {PickleError} when a character does not fit one byte
 */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = text.charCodeAt(at);
    if (text.charCodeAt(at) > 255) throw new PickleError("a text has a character of more than one byte");
  }
  return bytes;
}
