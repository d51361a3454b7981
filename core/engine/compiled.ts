import type { Arena } from "./arena.ts";
import type { Engine, EngineInfo } from "./engine.ts";
import { lower } from "./lower/lower.ts";
import { checkConvolutions } from "./lower/webGpu.ts";
import { encodeModel } from "./onnx/encode.ts";
import type { OnnxGraph, OnnxValue } from "./onnx/model.ts";
import { ortApi } from "./ort/api.ts";
import { blockSize } from "./ort/blockSize.ts";
import { type Card, useCard } from "./ort/card.ts";
import { probeCard } from "./ort/deviceTensor.ts";
import { OrtSession, OrtTensor } from "./ort/session.ts";
import { checkFeeds, type Feeds, type Outputs, type Program, sizeOf, type Step } from "./program.ts";
import { flatten } from "./resident/flatten.ts";
import { ResidentStep } from "./resident/residentStep.ts";
import { ResidentWeights } from "./resident/residentWeights.ts";
import { GRADIENT, PARAMETER, trace } from "./tracer.ts";

/**
 * The default engine: one training step is recorded, lowered to one ONNX graph, and run by ONNX Runtime on buffers it
 * shares with the host. Weights are read and gradients written in place in the arena; on a device they stay there between steps.
 */
export class CompiledEngine implements Engine {
  readonly info: EngineInfo;
  readonly #resident = new WeakMap<Arena, ResidentWeights>();

  /**
   * @param threads threads inside one operator
   * @param profile path prefix for ONNX Runtime's own profile of every step
   * @param card what runs the steps, if not the processor
   * @throws {UserError} when the card is not there
   */
  constructor(readonly threads: number, readonly profile?: string, readonly card?: Card) {
    if (card) {
      probeCard(card);
      useCard(card);
    }
    const adapter = card?.describe();
    this.info = {
      name: "compiled",
      backend: `onnxruntime-${card?.title ?? "cpu"}`,
      version: ortApi().version,
      threads,
      ...(adapter !== undefined && { adapter }),
    };
  }

  async train(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    return await this.#compile(program, arena, gradients);
  }

  async infer(program: Program, arena: Arena): Promise<Step> {
    return await this.#compile(program, arena, []);
  }

  resident(arena: Arena, sums: boolean): ResidentWeights | undefined {
    if (!this.card) return undefined;
    const weights = new ResidentWeights(arena, sums);
    this.#resident.set(arena, weights);
    return weights;
  }

  async #compile(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    const { graph, outputs } = await trace(program, gradients);
    const { threads, profile, card } = this;
    if (card?.device === "webgpu") checkConvolutions(graph);
    const model = lower(graph, outputs, card ? 0 : await blockSize(), card?.fused ?? true);
    const session = (of: OnnxGraph) => new OrtSession(encodeModel(of), { threads, profile, ...(card && { card }) });
    const resident = this.#resident.get(arena);
    if (!card || gradients.length > 0 && !resident) {
      return new CompiledStep(session(model), program, arena, model.inputs, model.outputs);
    }
    if (gradients.length === 0) {
      return new ResidentStep(session(model), program, model, new ResidentWeights(arena, false));
    }
    resident!.hold(gradients);
    const flat = flatten(model, resident!.pieces);
    return new ResidentStep(session(flat), program, flat, resident!);
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

  // It reads the arena itself.
  reread(): void {}

  dispose(): void {
    for (const tensor of [...this.#inputs.values(), ...this.#outputs.values()]) tensor.dispose();
    this.session.dispose();
  }
}
