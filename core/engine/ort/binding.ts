import { cString, ortApi } from "./api.ts";
import { cardError } from "./card.ts";
import { assertIdle, inTurn } from "./turn.ts";
import type { OrtSession } from "./session.ts";
import type { OrtValue } from "./value.ts";

/**
 * A session's inputs and outputs at fixed places, on the device or on the host. An output may lie where an input does: it is
 * then updated in place, if no node reads the input behind the one that writes.
 *
 * What lies on the host is read when it is bound: an input that changes has to be a tensor of the device.
 */
export class OrtBinding {
  readonly #pointer: Deno.PointerObject;
  readonly #bound: unknown[] = [];

  constructor(
    readonly session: OrtSession,
    inputs: ReadonlyMap<string, OrtValue>,
    outputs: ReadonlyMap<string, OrtValue>,
  ) {
    const api = ortApi(),
      pointer = this.#pointer = api.create((out) => api.call("CreateIoBinding", session.pointer, out));
    for (const [name, value] of inputs) api.call("BindInput", pointer, this.#keep(cString(name), value), value.pointer);
    for (const [name, value] of outputs) {
      api.call("BindOutput", pointer, this.#keep(cString(name), value), value.pointer);
    }
  }

  /** Holds what the library knows by its bare address. */
  #keep(name: Uint8Array<ArrayBuffer>, value: OrtValue): Uint8Array<ArrayBuffer> {
    this.#bound.push(name, value);
    return name;
  }

  /**
   * Runs the session on a thread of its own; outputs on the host are there when it is done.
   *
   * @param before is done right before, when nothing else runs
   */
  async run(before: () => void): Promise<void> {
    try {
      await inTurn(before, () => ortApi().run("RunWithBinding", this.session.pointer, null, this.#pointer));
    } catch (error) {
      throw cardError(error);
    }
  }

  /** Hands the session's work to the device, and does not wait for it. */
  begin(): void {
    assertIdle();
    try {
      ortApi().call("RunWithBinding", this.session.pointer, null, this.#pointer);
    } catch (error) {
      throw cardError(error);
    }
  }

  dispose(): void {
    ortApi().call("ReleaseIoBinding", this.#pointer);
    this.#bound.length = 0;
  }
}
