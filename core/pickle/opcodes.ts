import { PickleError } from "./errors.ts";
import { byteString, numberOrBoolean, wholeNumber } from "./lines.ts";
import type { Machine } from "./machine.ts";
import { PickleDict, PickleList, PickleTuple } from "./values.ts";

/** An opcode: its name, and what it does to the machine; none: it is refused. */
export interface Opcode {
  name: string;
  run?: (machine: Machine) => void;
}

const MAX_PROTOCOL = 5;

const TABLE: [number, string, Opcode["run"]?][] = [
  [0x28, "MARK", (m) => m.mark()],
  [0x29, "EMPTY_TUPLE", (m) => m.push(new PickleTuple([]))],
  [0x30, "POP"],
  [0x31, "POP_MARK"],
  [0x32, "DUP"],
  [0x42, "BINBYTES", (m) => m.push(m.cursor.take(m.cursor.u32()))],
  [0x43, "SHORT_BINBYTES", (m) => m.push(m.cursor.take(m.cursor.u8()))],
  [0x46, "FLOAT"],
  [0x47, "BINFLOAT", (m) => m.push(m.cursor.f64())],
  [0x49, "INT", (m) => m.push(numberOrBoolean(m.cursor.line()))],
  [0x4a, "BININT", (m) => m.push(m.cursor.i32())],
  [0x4b, "BININT1", (m) => m.push(m.cursor.u8())],
  [0x4c, "LONG", (m) => m.push(wholeNumber(m.cursor.line()))],
  [0x4d, "BININT2", (m) => m.push(m.cursor.u16())],
  [0x4e, "NONE", (m) => m.push(null)],
  [0x50, "PERSID"],
  [0x51, "BINPERSID", (m) => m.load()],
  [0x52, "REDUCE", (m) => m.reduce()],
  [0x53, "STRING", (m) => m.push(byteString(m.cursor.line()))],
  [0x54, "BINSTRING", (m) => m.push(m.cursor.take(m.cursor.u32()))],
  [0x55, "SHORT_BINSTRING", (m) => m.push(m.cursor.take(m.cursor.u8()))],
  [0x56, "UNICODE"],
  [0x58, "BINUNICODE", (m) => m.push(m.cursor.text(m.cursor.u32()))],
  [0x5d, "EMPTY_LIST", (m) => m.push(new PickleList())],
  [0x61, "APPEND", (m) => m.append([m.pop()])],
  [0x62, "BUILD", (m) => m.build()],
  [0x63, "GLOBAL", (m) => m.global([m.cursor.line(), m.cursor.line()])],
  [0x64, "DICT", (m) => m.dict(m.popToMark())],
  [0x65, "APPENDS", (m) => m.append(m.popToMark())],
  [0x67, "GET", (m) => m.recall(wholeNumber(m.cursor.line()))],
  [0x68, "BINGET", (m) => m.recall(m.cursor.u8())],
  [0x69, "INST"],
  [0x6a, "LONG_BINGET", (m) => m.recall(m.cursor.u32())],
  [0x6c, "LIST", (m) => m.push(new PickleList(m.popToMark()))],
  [0x6f, "OBJ"],
  [0x70, "PUT", (m) => m.memoize(wholeNumber(m.cursor.line()))],
  [0x71, "BINPUT", (m) => m.memoize(m.cursor.u8())],
  [0x72, "LONG_BINPUT", (m) => m.memoize(m.cursor.u32())],
  [0x73, "SETITEM", (m) => m.setItems(m.popMany(2))],
  [0x74, "TUPLE", (m) => m.push(new PickleTuple(m.popToMark()))],
  [0x75, "SETITEMS", (m) => m.setItems(m.popToMark())],
  [0x7d, "EMPTY_DICT", (m) => m.push(new PickleDict())],
  [0x80, "PROTO", (m) => checkProtocol(m.cursor.u8())],
  [0x81, "NEWOBJ", (m) => m.reduce()],
  [0x82, "EXT1"],
  [0x83, "EXT2"],
  [0x84, "EXT4"],
  [0x85, "TUPLE1", (m) => m.push(new PickleTuple(m.popMany(1)))],
  [0x86, "TUPLE2", (m) => m.push(new PickleTuple(m.popMany(2)))],
  [0x87, "TUPLE3", (m) => m.push(new PickleTuple(m.popMany(3)))],
  [0x88, "NEWTRUE", (m) => m.push(true)],
  [0x89, "NEWFALSE", (m) => m.push(false)],
  [0x8a, "LONG1", (m) => m.push(m.cursor.long(m.cursor.u8()))],
  [0x8b, "LONG4"],
  [0x8c, "SHORT_BINUNICODE", (m) => m.push(m.cursor.text(m.cursor.u8()))],
  [0x8d, "BINUNICODE8", (m) => m.push(m.cursor.text(m.cursor.u64()))],
  [0x8e, "BINBYTES8", (m) => m.push(m.cursor.take(m.cursor.u64()))],
  [0x8f, "EMPTY_SET", (m) => m.push(new PickleList())], // kept as a list
  [0x90, "ADDITEMS", (m) => m.append(m.popToMark())],
  [0x91, "FROZENSET", (m) => m.push(new PickleTuple(m.popToMark()))], // kept as a tuple
  [0x92, "NEWOBJ_EX"],
  [0x93, "STACK_GLOBAL", (m) => m.global(m.popMany(2))],
  [0x94, "MEMOIZE", (m) => m.memoize()],
  [0x95, "FRAME", (m) => void m.cursor.u64()],
  [0x96, "BYTEARRAY8", (m) => m.push(m.cursor.take(m.cursor.u64()))],
  [0x97, "NEXT_BUFFER"],
  [0x98, "READONLY_BUFFER"],
];

/**
 * Opcodes of pickle protocols 0 to 5, by code, under the names of Python's pickletools; STOP is the reader's. Of protocols
 * 0 and 1 it runs what Python 2 writes for plain data.
 */
export const OPCODES: ReadonlyMap<number, Opcode> = new Map(TABLE.map(([code, name, run]) => [code, { name, run }]));

function checkProtocol(protocol: number): void {
  if (protocol > MAX_PROTOCOL) throw new PickleError(`its protocol is ${protocol}, want 0 … ${MAX_PROTOCOL}`);
}
