import * as tf from "@tensorflow/tfjs-core";
import type { Arena } from "./arena.ts";
import { loadBackend } from "./backends.ts";
import { differentiate, find } from "./differentiate.ts";
import type { Engine, EngineInfo } from "./engine.ts";
import { checkFeeds, type Feeds, type Outputs, type Program, type Step } from "./program.ts";

/** The engine that runs every op as it comes, on any tfjs backend. Slow on "cpu", where it is the reference in tests. */
export class EagerEngine implements Engine {
  readonly info: EngineInfo;

  private constructor(backend: string) {
    this.info = { name: "eager", backend, version: tf.version_core, threads: 1 };
  }

  /**
   * @param backend "cpu", "webgpu", "tensorflow" or "tensorflow-gpu"; see `loadBackend`
   * @throws {UserError} when the backend cannot be used here
   */
  static async create(backend = "cpu"): Promise<EagerEngine> {
    return new EagerEngine(await loadBackend(backend));
  }

  train(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    return Promise.resolve(new EagerStep(this.info.backend, program, arena, gradients));
  }

  infer(program: Program, arena: Arena): Promise<Step> {
    return Promise.resolve(new EagerStep(this.info.backend, program, arena, []));
  }
}

class EagerStep implements Step {
  constructor(
    readonly backend: string,
    readonly program: Program,
    readonly arena: Arena,
    readonly gradients: readonly string[],
  ) {}

  async run(feeds: Feeds): Promise<Outputs> {
    const { program, arena } = this;
    checkFeeds(program.inputs, feeds);
    await tf.setBackend(this.backend);
    tf.engine().startScope();
    try {
      const parameters = new Map(
        program.parameters.map(({ name, shape }) => [name, tf.tensor(arena.view(name).slice(), shape)]),
      );
      const inputs = Object.fromEntries(
        Object.entries(program.inputs).map(([name, { shape, dtype }]) => [name, tf.tensor(feeds[name], shape, dtype)]),
      );
      const { outputs, gradients } = this.gradients.length
        ? differentiate(program, parameters, inputs, this.gradients)
        : { outputs: program.build((name) => find(parameters, name), inputs), gradients: {} };
      for (const [name, tensor] of Object.entries(gradients)) {
        arena.view(name, "gradient").set(await tensor.data() as Float32Array);
      }
      const results: Outputs = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        results[name] = await tensor.data() as Float32Array;
      }
      for (const tensor of new Set(Object.values(outputs))) tensor.dispose();
      return results;
    } finally {
      tf.engine().endScope();
    }
  }

  // It reads the arena itself.
  reread(): void {}

  dispose(): void {}
}
