import type { Arena } from "./arena.ts";
import type { Engine, EngineInfo } from "./engine.ts";
import { lower } from "./lower/lower.ts";
import { checkConvolutions } from "./lower/webGpu.ts";
import { encodeModel } from "./onnx/encode.ts";
import type { OnnxValue } from "./onnx/model.ts";
import { ortApi } from "./ort/api.ts";
import { blockSize } from "./ort/blockSize.ts";
import type { Device } from "./ort/device.ts";
import { OrtSession, OrtTensor } from "./ort/session.ts";
import { checkFeeds, type Feeds, type Outputs, type Program, sizeOf, type Step } from "./program.ts";
import { GRADIENT, PARAMETER, trace } from "./tracer.ts";

/**
 * The default engine: one training step is recorded, lowered to one ONNX graph, and run by ONNX Runtime on buffers it
 * shares with the host. Weights are read and gradients written in place in the arena.
 */
export class CompiledEngine implements Engine {
  readonly info: EngineInfo;

  /**
   * @param threads threads inside one operator
   * @param profile path prefix for ONNX Runtime's own profile of every step
   * @param device what runs the steps
   */
  constructor(readonly threads: number, readonly profile?: string, readonly device: Device = "cpu") {
    this.info = { name: "compiled", backend: `onnxruntime-${device}`, version: ortApi().version, threads };
  }

  async train(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    return await this.#compile(program, arena, gradients);
  }

  async infer(program: Program, arena: Arena): Promise<Step> {
    return await this.#compile(program, arena, []);
  }

  async #compile(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    const { graph, outputs } = await trace(program, gradients);
    const { threads, profile, device } = this, isCpu = device === "cpu";
    if (!isCpu) checkConvolutions(graph);
    const model = lower(graph, outputs, isCpu ? await blockSize() : 0, isCpu);
    const session = new OrtSession(encodeModel(model), { threads, profile, device });
    return new CompiledStep(session, program, arena, model.inputs, model.outputs);
  }
}

class CompiledStep implements Step {
  readonly #inputs = new Map<string, OrtTensor>();
  readonly #outputs = new Map<string, OrtTensor>();
  readonly #run: () => Promise<void>;

  constructor(
    readonly session: OrtSession,
    readonly program: Program,
    arena: Arena,
    inputs: OnnxValue[],
    outputs: OnnxValue[],
  ) {
    for (const { name, dtype, shape } of inputs) {
      const buffer = name.startsWith(PARAMETER)
        ? arena.view(name.slice(PARAMETER.length))
        : dtype === "int32"
        ? new Int32Array(sizeOf(shape))
        : new Float32Array(sizeOf(shape));
      this.#inputs.set(name, new OrtTensor(buffer, shape));
    }
    for (const { name, shape } of outputs) {
      const buffer = name.startsWith(GRADIENT)
        ? arena.view(name.slice(GRADIENT.length), "gradient")
        : new Float32Array(sizeOf(shape));
      this.#outputs.set(name, new OrtTensor(buffer, shape));
    }
    this.#run = session.bind(this.#inputs, this.#outputs);
  }

  async run(feeds: Feeds): Promise<Outputs> {
    checkFeeds(this.program.inputs, feeds);
    for (const [name, values] of Object.entries(feeds)) this.#inputs.get(name)?.data.set(values);
    await this.#run();
    const outputs: Outputs = {};
    for (const [name, tensor] of this.#outputs) {
      if (!name.startsWith(GRADIENT)) outputs[name] = tensor.data as Float32Array;
    }
    return outputs;
  }

  dispose(): void {
    for (const tensor of [...this.#inputs.values(), ...this.#outputs.values()]) tensor.dispose();
    this.session.dispose();
  }
}
