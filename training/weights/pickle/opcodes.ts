import type { Machine } from "./machine.ts";
import { PickleDict, PickleList, PickleTuple } from "./values.ts";

/** What an opcode does to the machine. */
export type Operation = (machine: Machine) => void;

/** Opcodes of pickle protocols 2 to 5 that hold data; STOP is the reader's. Names are those of Python's pickletools. */
export const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x28, (m) => m.mark()], // MARK
  [0x29, (m) => m.push(new PickleTuple([]))], // EMPTY_TUPLE
  [0x42, (m) => m.push(m.cursor.take(m.cursor.u32()))], // BINBYTES
  [0x43, (m) => m.push(m.cursor.take(m.cursor.u8()))], // SHORT_BINBYTES
  [0x47, (m) => m.push(m.cursor.f64())], // BINFLOAT
  [0x4a, (m) => m.push(m.cursor.i32())], // BININT
  [0x4b, (m) => m.push(m.cursor.u8())], // BININT1
  [0x4d, (m) => m.push(m.cursor.u16())], // BININT2
  [0x4e, (m) => m.push(null)], // NONE
  [0x51, (m) => m.push(m.host.load(m.pop()))], // BINPERSID
  [0x52, (m) => m.reduce()], // REDUCE
  [0x58, (m) => m.push(m.cursor.text(m.cursor.u32()))], // BINUNICODE
  [0x5d, (m) => m.push(new PickleList())], // EMPTY_LIST
  [0x61, (m) => m.append([m.pop()])], // APPEND
  [0x62, (m) => m.build()], // BUILD
  [0x63, (m) => m.global(m.cursor.line(), m.cursor.line())], // GLOBAL
  [0x65, (m) => m.append(m.popToMark())], // APPENDS
  [0x68, (m) => m.recall(m.cursor.u8())], // BINGET
  [0x6a, (m) => m.recall(m.cursor.u32())], // LONG_BINGET
  [0x71, (m) => m.memoize(m.cursor.u8())], // BINPUT
  [0x72, (m) => m.memoize(m.cursor.u32())], // LONG_BINPUT
  [0x73, (m) => m.setItems(m.popMany(2))], // SETITEM
  [0x74, (m) => m.push(new PickleTuple(m.popToMark()))], // TUPLE
  [0x75, (m) => m.setItems(m.popToMark())], // SETITEMS
  [0x7d, (m) => m.push(new PickleDict())], // EMPTY_DICT
  [0x81, (m) => m.reduce()], // NEWOBJ
  [0x85, (m) => m.push(new PickleTuple(m.popMany(1)))], // TUPLE1
  [0x86, (m) => m.push(new PickleTuple(m.popMany(2)))], // TUPLE2
  [0x87, (m) => m.push(new PickleTuple(m.popMany(3)))], // TUPLE3
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x8a, (m) => m.push(m.cursor.long(m.cursor.u8()))], // LONG1
  [0x8c, (m) => m.push(m.cursor.text(m.cursor.u8()))], // SHORT_BINUNICODE
  [0x8d, (m) => m.push(m.cursor.text(m.cursor.u64()))], // BINUNICODE8
  [0x8e, (m) => m.push(m.cursor.take(m.cursor.u64()))], // BINBYTES8
  [0x8f, (m) => m.push(new PickleList())], // EMPTY_SET, kept as a list
  [0x90, (m) => m.append(m.popToMark())], // ADDITEMS
  [0x91, (m) => m.push(new PickleTuple(m.popToMark()))], // FROZENSET, kept as a tuple
  [0x93, (m) => {
    const [module, name] = m.popMany(2);
    m.global(module, name);
  }], // STACK_GLOBAL
  [0x94, (m) => m.memoize()], // MEMOIZE
  [0x95, (m) => void m.cursor.u64()], // FRAME
  [0x96, (m) => m.push(m.cursor.take(m.cursor.u64()))], // BYTEARRAY8
]);

/** Names of opcodes that are refused; those without a name here belong to no protocol. */
export const REFUSED: ReadonlyMap<number, string> = new Map([
  [0x30, "POP"],
  [0x31, "POP_MARK"],
  [0x32, "DUP"],
  [0x46, "FLOAT"],
  [0x49, "INT"],
  [0x4c, "LONG"],
  [0x50, "PERSID"],
  [0x53, "STRING"],
  [0x54, "BINSTRING"],
  [0x55, "SHORT_BINSTRING"],
  [0x56, "UNICODE"],
  [0x64, "DICT"],
  [0x67, "GET"],
  [0x69, "INST"],
  [0x6c, "LIST"],
  [0x6f, "OBJ"],
  [0x70, "PUT"],
  [0x82, "EXT1"],
  [0x83, "EXT2"],
  [0x84, "EXT4"],
  [0x8b, "LONG4"],
  [0x92, "NEWOBJ_EX"],
  [0x97, "NEXT_BUFFER"],
  [0x98, "READONLY_BUFFER"],
]);
