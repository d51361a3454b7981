import { PickleError } from "./errors.ts";
import type { PickleHost } from "./host.ts";
import { LIMITS, Machine } from "./machine.ts";
import { OPCODES } from "./opcodes.ts";
import type { PickleValue } from "./values.ts";

const STOP = 0x2e;

/**
 * Reads a pickle (Python's pickle protocols 0 to 5) without running any code of it: opcodes and globals that are not
 * allowed are refused, nothing is built by recursion, and steps, stack and memo are bounded.
 *
 * @param bytes the pickle; byte strings of the value are views of it
 * @param host what it may reach
 * @throws {PickleError} naming what is wrong, and the byte of the opcode that asked for it
 */
export function readPickle(bytes: Uint8Array, host: PickleHost): PickleValue {
  const machine = new Machine(bytes, host), { cursor } = machine;
  let opcodeAt = 0;
  try {
    for (let step = 0; step < LIMITS.steps; step++) {
      opcodeAt = cursor.at;
      const code = cursor.u8();
      if (code === STOP) return machine.pop();
      const opcode = OPCODES.get(code);
      if (!opcode?.run) throw new PickleError(`the opcode ${opcode?.name ?? hexadecimal(code)} is not allowed`);
      opcode.run(machine);
    }
    throw new PickleError(`the pickle takes more than ${LIMITS.steps} steps`);
  } catch (error) {
    if (error instanceof PickleError) throw new PickleError(`${error.message}, at byte ${opcodeAt} of the pickle`);
    throw error;
  }
}

function hexadecimal(code: number): string {
  return `0x${code.toString(16).padStart(2, "0")}`;
}
