import { PickleError } from "./errors.ts";
import { latin1Bytes } from "./latin1.ts";
import { quote } from "./values.ts";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** The byte string of a line of protocol 0: as Python 2 prints it, in quotes and with escapes. */
export function byteString(line: string): Uint8Array {
  const inner = /^(['"])(.*)\1$/s.exec(line)?.[2];
  if (inner === undefined) throw new PickleError(`a string is ${quote(line)}, want it in quotes`);
  return latin1Bytes(inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|(.))/gs,
    (_, hex: string | undefined, letter: string) =>
      hex === undefined ? ESCAPES[letter] ?? letter : String.fromCharCode(parseInt(hex, 16)),
  ));
}

/** The number of a line of protocol 0, in digits; Python 2 ends some with an L. */
export function wholeNumber(line: string): number {
  const value = /^-?\d+L?$/.test(line) ? parseInt(line, 10) : NaN;
  if (!Number.isSafeInteger(value)) throw new PickleError(`a number is ${quote(line)}, want a whole one`);
  return value;
}

/** The same where "00" and "01" are protocol 0's booleans. */
export function numberOrBoolean(line: string): number | boolean {
  return line === "00" || line === "01" ? line === "01" : wholeNumber(line);
}
