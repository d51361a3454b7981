import { PickleCursor } from "./pickleCursor.ts";
import { PickleMachine } from "./pickleMachine.ts";
import type { PickleValue } from "./pickleObjects.ts";
import { OPCODES, REFUSED } from "./pickleOpcodes.ts";

const STOP = 0x2e;

/**
 * Reads a pickle of CIFAR's Python version: dictionaries, lists, numbers, strings and numpy's arrays of bytes, protocols
 * 0 to 4 (of protocol 0 what Python 2 writes). Nothing in it is run: opcodes and names that these archives do not need
 * are refused. Values are built without recursion, and what is kept grows with the pickle's length at most.
 *
 * @param name the file, for messages
 * @returns the value; arrays and byte strings are views of `bytes`
 * @throws {UserError} naming file and byte of whatever is not allowed, damaged or cut
 */
export function readPickle(bytes: Uint8Array, name: string): PickleValue {
  const cursor = new PickleCursor(bytes, name), machine = new PickleMachine(cursor);
  while (true) {
    cursor.opcodeAt = cursor.at;
    const code = cursor.u8();
    if (code === STOP) return machine.pop();
    const run = OPCODES.get(code);
    if (!run) {
      const word = REFUSED[String.fromCharCode(code)] ?? `0x${code.toString(16).padStart(2, "0")}`;
      throw cursor.error(`the pickle has opcode ${word}`, "one for plain values and arrays of bytes");
    }
    run(machine);
  }
}
