import type { Arena } from "../../core/engine/arena.ts";
import type { Engine, EngineInfo } from "../../core/engine/engine.ts";
import { lower } from "../../core/engine/lower/lower.ts";
import { checkConvolutions } from "../../core/engine/lower/webGpu.ts";
import { encodeModel } from "../../core/engine/onnx/encode.ts";
import type { OnnxGraph } from "../../core/engine/onnx/model.ts";
import { checkFeeds, type Feeds, type Outputs, type Program, type Step } from "../../core/engine/program.ts";
import { flatten, gradientsOf, weightsOf } from "../../core/engine/resident/flatten.ts";
import { gather, pack, type Piece, scatter } from "../../core/engine/resident/packing.ts";
import { PARAMETER, trace } from "../../core/engine/tracer.ts";
import type { Chosen, WebSession, WebTensor } from "./provider.ts";

/** What goes on around the training steps of an engine. */
export interface Watch {
  /** Is asked before each step, at which weights are whole; the step waits for it. */
  before(arena: Arena): Promise<void>;
  /** Is told what each step gave, and how many seconds it took. */
  after(outputs: Outputs, seconds: number): void;
}

/** The compiled engine in a browser: the same recording, lowered to the same graph, run by onnxruntime-web. */
export class WebEngine implements Engine {
  readonly info: EngineInfo;

  constructor(readonly chosen: Chosen, readonly watch: Watch) {
    const { provider, library } = chosen, version = library.env.versions.web ?? "";
    // The optimiser has as many threads as are told here; it is done in no time, and the library has its own.
    this.info = { name: "compiled", backend: `onnxruntime-web-${provider}`, version, threads: 1 };
  }

  async train(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    const graph = await this.#lowered(program, gradients);
    // A few long tensors instead of hundreds of small ones cross the border to the library at each step.
    const pieces = pack(gradients.map((name) => ({ name, shape: arena.shape(name) }))), flat = flatten(graph, pieces);
    return new WebStep(await this.#session(flat), flat, program, arena, pieces, this);
  }

  async infer(program: Program, arena: Arena): Promise<Step> {
    const graph = await this.#lowered(program, []);
    return new WebStep(await this.#session(graph), graph, program, arena, [], this);
  }

  async #lowered(program: Program, gradients: readonly string[]): Promise<OnnxGraph> {
    const { graph, outputs } = await trace(program, gradients);
    if (this.chosen.provider === "webgpu") checkConvolutions(graph);
    return lower(graph, outputs, 0, false);
  }

  #session(graph: OnnxGraph): Promise<WebSession> {
    const { library, provider } = this.chosen;
    return library.InferenceSession.create(encodeModel(graph), { executionProviders: [provider] });
  }
}

class WebStep implements Step {
  constructor(
    readonly session: WebSession,
    readonly graph: OnnxGraph,
    readonly program: Program,
    readonly arena: Arena,
    readonly pieces: readonly Piece[],
    readonly engine: WebEngine,
  ) {}

  async run(feeds: Feeds): Promise<Outputs> {
    checkFeeds(this.program.inputs, feeds);
    const { arena, pieces, engine: { chosen: { library: { Tensor } }, watch } } = this, isTraining = pieces.length > 0;
    if (isTraining) await watch.before(arena);
    const started = performance.now(), inputs: Record<string, WebTensor> = {};
    const packed = new Map(pieces.map((piece, k) => [weightsOf(k), gather(piece, (name) => arena.view(name))]));
    for (const { name, dtype, shape } of this.graph.inputs) {
      const parameter = name.startsWith(PARAMETER) ? arena.view(name.slice(PARAMETER.length)) : undefined;
      inputs[name] = new Tensor(dtype as "float32" | "int32", packed.get(name) ?? parameter ?? feeds[name], shape);
    }
    const found = await this.session.run(inputs), outputs: Outputs = {};
    const gradients = new Map(pieces.map((piece, k) => [gradientsOf(k), piece]));
    for (const [name, { data }] of Object.entries(found)) {
      const piece = gradients.get(name);
      if (piece) scatter(piece, data as Float32Array, (own) => arena.view(own, "gradient"));
      else outputs[name] = data as Float32Array;
    }
    if (isTraining) watch.after(outputs, (performance.now() - started) / 1000);
    return outputs;
  }

  // It reads the arena at each run.
  reread(): void {}

  dispose(): void {
    void this.session.release();
  }
}
