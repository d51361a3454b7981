import type { OnnxGraph } from "../onnx/model.ts";
import { OrtBinding } from "../ort/binding.ts";
import { copyTensors, DeviceTensor, onDevice } from "../ort/deviceTensor.ts";
import { type OrtSession, OrtTensor } from "../ort/session.ts";
import type { OrtValue } from "../ort/value.ts";
import { checkFeeds, type Feeds, type Outputs, type Program, sizeOf, type Step } from "../program.ts";
import { PARAMETER } from "../tracer.ts";
import { gradientsOf, weightsOf } from "./flatten.ts";
import type { ResidentWeights } from "./residentWeights.ts";

/** An input of which each run gets other numbers: where the host writes them, and where the device reads them. */
interface Fed {
  host: OrtTensor;
  device: DeviceTensor;
}

/**
 * A step on the device: only its feeds go there, and only what is no gradient comes back. Weights that it trains are those of
 * `weights`; all others are read from the arena when it is made, and again by {@link reread}.
 */
export class ResidentStep implements Step {
  readonly #fed = new Map<string, Fed>();
  readonly #constant = new Map<string, DeviceTensor>();
  readonly #outputs = new Map<string, OrtTensor>();
  readonly #binding: OrtBinding;

  /**
   * @param session of `graph`
   * @param weights what is trained, on the device; its arena holds the rest
   */
  constructor(
    readonly session: OrtSession,
    readonly program: Program,
    graph: OnnxGraph,
    readonly weights: ResidentWeights,
  ) {
    const inputs = new Map<string, OrtValue>(), outputs = new Map<string, OrtValue>(), pieces = weights.held;
    const trained = new Map(pieces.map(({ value }, k) => [weightsOf(k), value]));
    const gradients = new Map(pieces.map(({ gradient }, k) => [gradientsOf(k), gradient]));
    for (const { name, dtype, shape } of graph.inputs) {
      inputs.set(name, trained.get(name) ?? this.#input(name, dtype, shape));
    }
    for (const { name, shape } of graph.outputs) {
      outputs.set(name, gradients.get(name) ?? this.#output(name, shape));
    }
    this.#binding = new OrtBinding(session, inputs, outputs);
  }

  #input(name: string, dtype: string, shape: number[]): DeviceTensor {
    if (name.startsWith(PARAMETER)) {
      const tensor = onDevice(this.weights.arena.view(name.slice(PARAMETER.length)), shape);
      this.#constant.set(name, tensor);
      return tensor;
    }
    const data = dtype === "int32" ? new Int32Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
    const fed = { host: new OrtTensor(data, shape), device: onDevice(data, shape) };
    this.#fed.set(name, fed);
    return fed.device;
  }

  #output(name: string, shape: number[]): OrtTensor {
    const tensor = new OrtTensor(new Float32Array(sizeOf(shape)), shape);
    this.#outputs.set(name, tensor);
    return tensor;
  }

  async run(feeds: Feeds): Promise<Outputs> {
    checkFeeds(this.program.inputs, feeds);
    for (const [name, values] of Object.entries(feeds)) this.#fed.get(name)?.host.data.set(values);
    const fed = [...this.#fed.values()];
    await this.#binding.run(() => copyTensors(fed.map(({ host }) => host), fed.map(({ device }) => device)));
    return Object.fromEntries([...this.#outputs].map(([name, { data }]) => [name, data as Float32Array]));
  }

  reread(): void {
    for (const [name, tensor] of this.#constant) {
      tensor.upload(this.weights.arena.view(name.slice(PARAMETER.length)));
    }
  }

  dispose(): void {
    this.#binding.dispose();
    for (const { host, device } of this.#fed.values()) [host, device].forEach((held) => held.dispose());
    for (const held of [...this.#constant.values(), ...this.#outputs.values()]) held.dispose();
    this.session.dispose();
  }
}
