import fc from "fast-check";

/** One change to the bytes of a file. Places count round the file, so that every number is one. */
export type Edit =
  | { kind: "flip"; at: number; bit: number }
  | { kind: "integer"; at: number; bytes: 1 | 2 | 4 | 8; big: boolean; value: number }
  | { kind: "cut"; at: number }
  | { kind: "drop" | "duplicate"; at: number; length: number }
  | { kind: "splice"; at: number; from: number; length: number; other: number }
  | { kind: "digits"; at: number; text: string }
  | { kind: "insert"; at: number; text: string };

/** Integers at the edges of the types that formats hold. */
const EXTREMES = [0, 1, -1, 2, 127, 128, 255, 256, 32767, 65535, 65536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53];
/** What a number in a text becomes. */
const NUMBERS = [
  "0",
  "-1",
  "1.5",
  "9007199254740993",
  "99999999999999999999",
  "1e308",
  "1e999",
  "-0",
  "NaN",
  "nan",
  "",
];
/** Words that mean something to one of the formats, to JavaScript or to a terminal. */
const WORDS = [
  ..."{}[]():,\"'\\\n\t&*!#%|>-",
  "\0",
  "\x1b[31m",
  "\u2028",
  "\u{1f600}",
  "__proto__",
  "constructor",
  "null",
  "Infinity",
  "<<: *a",
  "&a [*a,*a]",
  "[".repeat(3000),
  '{"a":'.repeat(3000),
  "\\u0000",
  " ".repeat(5000),
  "9".repeat(400),
];

// Formats keep what matters at the beginning.
const place = fc.oneof(fc.nat(200), fc.nat(2000), fc.nat());
const span = fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 2000 }));

/** A change of any kind. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant("integer" as const),
    at: place,
    bytes: fc.constantFrom(1, 2, 4, 8),
    big: fc.boolean(),
    value: fc.constantFrom(...EXTREMES),
  }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constantFrom("drop" as const, "duplicate" as const), at: place, length: span }),
  fc.record({ kind: fc.constant("splice" as const), at: place, from: place, length: span, other: fc.nat(9) }),
  fc.record({ kind: fc.constant("digits" as const), at: place, text: fc.constantFrom(...NUMBERS) }),
  fc.record({ kind: fc.constant("insert" as const), at: place, text: fc.constantFrom(...WORDS) }),
);

/** A file to begin with, and what is done to it. */
export interface Mutant {
  sample: number;
  edits: Edit[];
}

/** Mutants of `samples` valid files; now and then one without an edit, which has to be accepted. */
export function mutants(samples: number): fc.Arbitrary<Mutant> {
  return fc.record({ sample: fc.nat(samples - 1), edits: fc.array(edit, { maxLength: 4 }) });
}

/** The bytes of a mutant; the samples stay as they are, also those that are Node buffers, whose slices share memory. */
export function mutate(samples: readonly Uint8Array[], { sample, edits }: Mutant): Uint8Array<ArrayBuffer> {
  return edits.reduce((bytes, edit) => apply(bytes, edit, samples), new Uint8Array(samples[sample]));
}

function apply(bytes: Uint8Array<ArrayBuffer>, edit: Edit, samples: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  if (bytes.length === 0) return bytes;
  const at = edit.at % bytes.length;
  switch (edit.kind) {
    case "flip":
      bytes[at] ^= 1 << edit.bit;
      return bytes;
    case "integer":
      return replace(bytes, at, at + edit.bytes, integer(edit));
    case "cut":
      return bytes.slice(0, at);
    case "drop":
      return replace(bytes, at, at + edit.length, new Uint8Array());
    case "duplicate":
      return replace(bytes, at, at, bytes.slice(at, at + edit.length));
    case "splice": {
      const other = samples[edit.other % samples.length], from = edit.from % other.length;
      return replace(bytes, at, at + edit.length, other.slice(from, from + edit.length));
    }
    case "digits":
      return replaceNumber(bytes, at, edit.text);
    case "insert":
      return replace(bytes, at, at, new TextEncoder().encode(edit.text));
  }
}

function replace(bytes: Uint8Array, begin: number, end: number, part: Uint8Array): Uint8Array<ArrayBuffer> {
  const tail = bytes.subarray(Math.min(end, bytes.length)), all = new Uint8Array(begin + part.length + tail.length);
  all.set(bytes.subarray(0, begin));
  all.set(part, begin);
  all.set(tail, begin + part.length);
  return all;
}

function integer({ bytes, big, value }: Extract<Edit, { kind: "integer" }>): Uint8Array {
  const whole = new Uint8Array(8), low = big ? 8 - bytes : 0;
  new DataView(whole.buffer).setBigInt64(0, BigInt(value), !big);
  return whole.slice(low, low + bytes);
}

/** Replaces the first run of digits at or behind a place. */
function replaceNumber(bytes: Uint8Array<ArrayBuffer>, at: number, text: string): Uint8Array<ArrayBuffer> {
  const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
  const begin = bytes.findIndex((byte, i) => i >= at && isDigit(byte));
  if (begin < 0) return bytes;
  let end = begin;
  while (isDigit(bytes[end])) end++;
  return replace(bytes, begin, end, new TextEncoder().encode(text));
}
