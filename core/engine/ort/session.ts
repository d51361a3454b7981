import { cString, ortApi } from "./api.ts";
import { UserError } from "../../errors.ts";
import { type Card, cardError } from "./card.ts";
import { inTurn } from "./turn.ts";
import { ELEMENT_TYPE, extentsOf, type OrtValue } from "./value.ts";
import { appendLoosely, isLeft, leftToCpu } from "./webGpu.ts";

/** A tensor over memory of the caller: nothing is copied in or out. */
export class OrtTensor implements OrtValue {
  readonly pointer: Deno.PointerObject;
  readonly bytes: number;
  #isHeld = true;

  constructor(readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>, shape: readonly number[]) {
    this.bytes = data.byteLength;
    const api = ortApi();
    const type = ELEMENT_TYPE[data instanceof Float32Array ? "float32" : "int32"];
    this.pointer = api.create((out) =>
      api.call(
        "CreateTensorWithDataAsOrtValue",
        api.cpuMemory,
        data,
        BigInt(data.byteLength),
        extentsOf(shape),
        BigInt(shape.length),
        type,
        out,
      )
    );
  }

  /** Once; the library would free it again. */
  dispose(): void {
    if (this.#isHeld) ortApi().call("ReleaseValue", this.pointer);
    this.#isHeld = false;
  }
}

/** Options of a session. */
export interface SessionOptions {
  /** Threads inside one operator. */
  threads: number;
  /** Path prefix for ONNX Runtime's own profile; none unless given. */
  profile?: string;
  /** What runs it; the CPU unless given. */
  card?: Card;
}

/** A loaded model, bound once to the tensors it reads and writes. */
export class OrtSession {
  readonly pointer: Deno.PointerObject;
  readonly #isOnCard: boolean;
  #isHeld = true;

  /** @throws {UserError} when the device is not there, or has no kernel for an operator */
  constructor(model: Uint8Array<ArrayBuffer>, { threads, profile, card }: SessionOptions) {
    const own = { threads, profile };
    this.#isOnCard = card !== undefined;
    this.pointer = card ? createOnCard(model, own, card) : createSession(model, own);
  }

  /** Returns a function that runs the model on these tensors, and keeps them alive. */
  bind(feeds: Map<string, OrtTensor>, fetches: Map<string, OrtTensor>): () => Promise<void> {
    const api = ortApi();
    const names: Uint8Array<ArrayBuffer>[] = [];
    const table = (entries: Map<string, OrtTensor>) => {
      const pointers = [...entries.keys()].map((name) => {
        const bytes = cString(name);
        names.push(bytes);
        return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
      });
      const values = [...entries.values()].map((tensor) => BigInt(Deno.UnsafePointer.value(tensor.pointer)));
      return { names: new BigUint64Array(pointers), values: new BigUint64Array(values), count: BigInt(entries.size) };
    };
    const input = table(feeds), output = table(fetches);
    return async () => {
      // ONNX Runtime holds bare addresses: the closure keeps what they point to.
      const alive = [names, feeds, fetches];
      const run = () =>
        api.run(
          "Run",
          this.pointer,
          null,
          input.names,
          input.values,
          input.count,
          output.names,
          output.count,
          output.values,
        );
      await (this.#isOnCard ? inTurn(() => {}, run) : run());
      alive.length = 0;
    };
  }

  /** Once; the library would free it again. */
  dispose(): void {
    if (this.#isHeld) ortApi().call("ReleaseSession", this.pointer);
    this.#isHeld = false;
  }
}

/** @param append puts what runs the model into the options */
function createSession(
  model: Uint8Array<ArrayBuffer>,
  { threads, profile }: Omit<SessionOptions, "card">,
  append: (options: Deno.PointerObject) => void = () => {},
): Deno.PointerObject {
  const api = ortApi(), options = api.create((out) => api.call("CreateSessionOptions", out));
  try {
    api.call("SetIntraOpNumThreads", options, threads);
    api.call("SetInterOpNumThreads", options, 1);
    // Its threads would go on looking for work after a run, on the cores that the optimiser needs next.
    api.call("AddSessionConfigEntry", options, cString("session.force_spinning_stop"), cString("1"));
    // A pattern would be a second block of memory, beside the one that the first run has grown piece by piece.
    api.call("DisableMemPattern", options);
    if (profile) api.call("EnableProfiling", options, cString(profile));
    append(options);
    return api.create((out) => api.call("CreateSessionFromArray", api.env, model, BigInt(model.length), options, out));
  } finally {
    api.call("ReleaseSessionOptions", options);
  }
}

/** A session on a card; where every node has to be there, one that is not is named. */
function createOnCard(
  model: Uint8Array<ArrayBuffer>,
  own: Omit<SessionOptions, "card">,
  card: Card,
): Deno.PointerObject {
  try {
    return createSession(model, own, (options) => card.append(options));
  } catch (error) {
    if (!card.strict || !isLeft(error)) throw cardError(error);
    const session = createSession(model, own, appendLoosely);
    const left = [...leftToCpu(session)].map(([operator, count]) => `${operator} (${count} nodes)`).join(", ");
    ortApi().call("ReleaseSession", session);
    throw new UserError(`Cannot use --device ${card.device}: it has no kernel for ${left}, want --device cpu`);
  }
}
