import { LIMITS, Machine } from "./machine.ts";
import { OPERATIONS, REFUSED } from "./opcodes.ts";
import { PickleError, type PickleHost, type PickleValue } from "./values.ts";

const PROTO = 0x80, STOP = 0x2e;
const PROTOCOLS = [2, 3, 4, 5];

/**
 * Reads a pickle (Python's pickle protocols 2 to 5) without running any code of it: opcodes and globals that are not
 * allowed are refused, and steps, stack and memo are bounded.
 *
 * @param bytes the pickle, at most `LIMITS.bytes`
 * @param host what it may reach
 * @throws {PickleError} naming what is wrong, and the byte of the opcode that asked for it
 */
export function readPickle(bytes: Uint8Array, host: PickleHost): PickleValue {
  const machine = new Machine(bytes, host), { cursor } = machine;
  let opcodeAt = 0;
  try {
    const begin = cursor.take(2);
    if (begin[0] !== PROTO || !PROTOCOLS.includes(begin[1])) {
      throw new PickleError(`it begins with bytes ${begin.join(", ")}, want 128 and a protocol from 2 to 5`);
    }
    for (let step = 0; step < LIMITS.steps; step++) {
      opcodeAt = cursor.at;
      const opcode = cursor.u8();
      if (opcode === STOP) return machine.pop();
      const operation = OPERATIONS.get(opcode);
      if (!operation) throw new PickleError(`the opcode ${opcodeName(opcode)} is not allowed`);
      operation(machine);
    }
    throw new PickleError(`the pickle takes more than ${LIMITS.steps} steps`);
  } catch (error) {
    if (error instanceof PickleError) throw new PickleError(`${error.message}, at byte ${opcodeAt} of the pickle`);
    throw error;
  }
}

function opcodeName(opcode: number): string {
  return REFUSED.get(opcode) ?? `0x${opcode.toString(16).padStart(2, "0")}`;
}
