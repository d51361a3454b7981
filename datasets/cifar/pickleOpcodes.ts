import { latin1Bytes, type PickleCursor } from "./pickleCursor.ts";
import type { PickleMachine } from "./pickleMachine.ts";
import { build, knownGlobal, type PickleValue, reduce, textOf } from "./pickleObjects.ts";

/** What one opcode does. */
export type Opcode = (machine: PickleMachine) => void;

/** Opcodes that put one value on the stack, by their code. */
const VALUES: Record<string, (cursor: PickleCursor) => PickleValue> = {
  "N": () => null,
  "\x88": () => true,
  "\x89": () => false,
  "I": (c) => integerLine(c),
  "L": (c) => integerLine(c),
  "J": (c) => c.i32(),
  "K": (c) => c.u8(),
  "M": (c) => c.u16(),
  "\x8a": (c) => longInteger(c, c.take(c.u8())),
  "S": (c) => quoted(c, c.line()),
  "U": (c) => c.take(c.u8()),
  "T": (c) => c.take(c.u32()),
  "C": (c) => c.take(c.u8()),
  "B": (c) => c.take(c.u32()),
  "X": (c) => new TextDecoder().decode(c.take(c.u32())),
  "\x8c": (c) => new TextDecoder().decode(c.take(c.u8())),
  "]": () => [],
  ")": () => [],
  "}": () => new Map(),
  "c": (c) => knownGlobal(c, c.line(), c.line()),
};

/** The other opcodes, by their code. */
const OTHERS: Record<string, Opcode> = {
  "\x80": ({ cursor }) => checkProtocol(cursor, cursor.u8()),
  "\x95": ({ cursor }) => void cursor.take(8), // the length of a frame
  "\x94": (m) => m.remember(),
  "p": (m) => m.remember(integerLine(m.cursor) as number),
  "q": (m) => m.remember(m.cursor.u8()),
  "r": (m) => m.remember(m.cursor.u32()),
  "g": (m) => m.recall(integerLine(m.cursor) as number),
  "h": (m) => m.recall(m.cursor.u8()),
  "j": (m) => m.recall(m.cursor.u32()),
  "(": (m) => m.mark(),
  "t": (m) => m.push(m.popMark()),
  "l": (m) => m.push(m.popMark()),
  "d": (m) => m.push(m.dictionary(m.popMark())),
  "\x85": (m) => m.push([m.pop()]),
  "\x86": (m) => m.push([m.pop(), m.pop()].reverse()),
  "\x87": (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()),
  "a": (m) => m.append([m.pop()]),
  "e": (m) => m.append(m.popMark()),
  "s": (m) => m.setItems([m.pop(), m.pop()].reverse()),
  "u": (m) => m.setItems(m.popMark()),
  "\x93": (m) => {
    const name = textOf(m.pop()), module = textOf(m.pop());
    m.push(knownGlobal(m.cursor, module ?? "?", name ?? "?"));
  },
  "R": (m) => {
    const words = m.pop();
    m.push(reduce(m.cursor, m.pop(), words));
  },
  "b": (m) => {
    const state = m.pop();
    build(m.cursor, m.top(), state);
  },
};

/** All opcodes that may stand in a pickle of CIFAR, besides the last one, by code. */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map<number, Opcode>([
  ...Object.entries(VALUES).map(([code, read]): [number, Opcode] => [
    code.charCodeAt(0),
    (machine) => machine.push(read(machine.cursor)),
  ]),
  ...Object.entries(OTHERS).map(([code, run]): [number, Opcode] => [code.charCodeAt(0), run]),
]);

/** Names of opcodes that are refused, for messages (Python's pickletools). */
export const REFUSED: Readonly<Record<string, string>> = {
  "i": "INST",
  "o": "OBJ",
  "\x81": "NEWOBJ",
  "\x92": "NEWOBJ_EX",
  "P": "PERSID",
  "Q": "BINPERSID",
  "\x82": "EXT1",
  "\x83": "EXT2",
  "\x84": "EXT4",
  "\x97": "NEXT_BUFFER",
  "\x98": "READONLY_BUFFER",
  "V": "UNICODE",
  "F": "FLOAT",
  "G": "BINFLOAT",
  "0": "POP",
  "1": "POP_MARK",
  "2": "DUP",
};

function checkProtocol(cursor: PickleCursor, protocol: number): void {
  if (protocol > 4) throw cursor.error(`pickle protocol ${protocol}`, "0 … 4");
}

/** A number in digits; "00" and "01" are protocol 0's booleans. */
function integerLine(cursor: PickleCursor): number | boolean {
  const text = cursor.line();
  if (text === "00" || text === "01") return text === "01";
  const value = /^-?\d+L?$/.test(text) ? parseInt(text, 10) : NaN;
  if (!Number.isSafeInteger(value)) throw cursor.error(`${JSON.stringify(text.slice(0, 20))}`, "a whole number");
  return value;
}

/** A number in two's complement, low byte first. */
function longInteger(cursor: PickleCursor, bytes: Uint8Array): number {
  if (bytes.length > 6) throw cursor.error(`a number of ${bytes.length} bytes`, "at most 6");
  const value = bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
  return (bytes.at(-1) ?? 0) < 128 ? value : value - 256 ** bytes.length;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

/** A byte string as Python 2 prints it, in quotes and with escapes. */
function quoted(cursor: PickleCursor, text: string): Uint8Array {
  const inner = /^(['"])(.*)\1$/s.exec(text)?.[2];
  if (inner === undefined) throw cursor.error("a string without its quotes", "a quoted string");
  const plain = inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|(.))/gs,
    (_, hex: string | undefined, letter: string) =>
      hex === undefined ? ESCAPES[letter] ?? letter : String.fromCharCode(parseInt(hex, 16)),
  );
  return latin1Bytes(plain)!;
}
