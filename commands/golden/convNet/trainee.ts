import { Arena } from "../../../core/engine/arena.ts";
import type { Engine } from "../../../core/engine/engine.ts";
import type { Feeds, Outputs, Step } from "../../../core/engine/program.ts";
import { type ChosenNet } from "../../../core/models/convnet/mod.ts";
import {
  moveStatistics,
  runningMean,
  runningVariance,
  statisticsSpecs,
} from "../../../core/models/convnet/statistics.ts";
import { createOptimizer } from "../../../core/optim/createOptimizer.ts";
import type { Optimizer } from "../../../core/optim/optimizer.ts";
import { randomStream } from "../../../core/random/stream.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { type FixtureConfig, floats, optimiserOf } from "./fixture.ts";

/** Moments of an optimiser under the names that fixtures have for them. */
export type Moments = { momentum: Float32Array } | { exp_avg: Float32Array; exp_avg_sq: Float32Array };

/** Two neighbouring numbers in single precision differ by about this share. */
const UNIT = 2 ** -22;

/** A net in training: weights, running statistics, optimiser, and the steps that were made ready for it. */
export class Trainee {
  readonly arena: Arena;
  readonly #layers: Map<string, number>;
  readonly #steps = new Map<string, Step>();

  private constructor(
    readonly engine: Engine,
    readonly chosen: ChosenNet,
    readonly training: ReturnType<typeof optimiserOf>,
    arena: Arena,
    readonly optimizer: Optimizer,
  ) {
    this.arena = arena;
    const { net, config } = chosen;
    this.#layers = new Map(net.parameters(config).map(({ name }) => [name, net.layerOf(config, name)]));
  }

  /** A net without weights; `load` brings them. */
  static async create(engine: Engine, chosen: ChosenNet, config: FixtureConfig): Promise<Trainee> {
    const { net } = chosen, training = optimiserOf(config);
    const arena = new Arena([...net.parameters(chosen.config), ...statisticsSpecs(net.statistics(chosen.config))]);
    return new Trainee(engine, chosen, training, arena, await createOptimizer(training.optimiser, arena));
  }

  /** What is trained. */
  get parameters(): string[] {
    return [...this.#layers.keys()];
  }

  /** All tensors below a layer: trained ones and running statistics. */
  below(layer: number): string[] {
    const { net, config } = this.chosen, norms = net.statistics(config).filter((norm) => norm.layer < layer);
    return [
      ...this.parameters.filter((name) => this.#layers.get(name)! < layer),
      ...statisticsSpecs(norms).map(({ name }) => name),
    ];
  }

  /**
   * Takes weights and running statistics under a prefix, e.g. "sd0", and starts without momentum.
   *
   * @param attempt above 0, each weight is off by up to a unit in its last place, another way for each attempt
   */
  load(file: SafetensorsFile, prefix: string, attempt = 0): void {
    this.arena.names().forEach((name, index) => {
      const random = randomStream(attempt, "init", index), values = floats(file, `${prefix}/${name}`);
      const off = () => attempt > 0 ? UNIT * (random.uniform() - 0.5) : 0;
      this.arena.view(name).set(values.map((value) => value * (1 + off())));
      this.arena.view(name, "moment1").fill(0);
      this.arena.view(name, "moment2").fill(0);
    });
  }

  /** The moments of a parameter as PyTorch keeps them; here AdamW's lack the factor 1 - beta. */
  moments(name: string): Moments {
    const first = this.arena.view(name, "moment1"), second = this.arena.view(name, "moment2");
    const { optimiser } = this.training;
    if (optimiser.kind !== "adamw") return { momentum: first };
    const [beta1, beta2] = optimiser.betas;
    return { exp_avg: first.map((m) => m * (1 - beta1)), exp_avg_sq: second.map((v) => v * (1 - beta2)) };
  }

  /** Takes the moments of all parameters under a prefix, e.g. "sgd_true/state_before_it7". */
  loadMoments(file: SafetensorsFile, prefix: string): void {
    const { optimiser } = this.training, [beta1, beta2] = optimiser.kind === "adamw" ? optimiser.betas : [0, 0];
    const keys = optimiser.kind === "adamw" ? ["exp_avg", "exp_avg_sq"] as const : ["momentum"] as const;
    for (const name of this.parameters) {
      keys.forEach((key, i) => {
        const share = 1 - (i ? beta2 : beta1), stored = floats(file, `${prefix}/${key}/${name}`);
        this.arena.view(name, i ? "moment2" : "moment1").set(stored.map((value) => value / share));
      });
    }
  }

  /** Forward and backward pass, and the running statistics moved; the gradients are left in the arena. */
  async pass(feeds: Feeds, batch: number, firstLive: number): Promise<Outputs> {
    const { net, config } = this.chosen, key = `${batch} ${firstLive}`;
    const step = this.#steps.get(key) ??
      await this.engine.train(net.program(config, batch, firstLive), this.arena, this.#live(firstLive));
    this.#steps.set(key, step);
    const outputs = await step.run(feeds);
    for (const { name, layer } of net.statistics(config)) {
      if (layer < firstLive) continue;
      moveStatistics(this.arena.view(runningMean(name)), outputs[`${name}.mean`]);
      moveStatistics(this.arena.view(runningVariance(name)), outputs[`${name}.variance`]);
    }
    return outputs;
  }

  /**
   * Updates what lives.
   *
   * @param layerLr rate of each layer
   * @param step number of the update, from 1
   */
  update(layerLr: readonly number[], firstLive: number, step: number): void {
    const { weightDecay } = this.training;
    this.optimizer.update(
      this.#live(firstLive).map((name) => ({ name, lr: layerLr[this.#layers.get(name)!], weightDecay })),
      step,
    );
  }

  /** Logits in inference mode, [count, classes]. */
  async infer(images: Float32Array, count: number): Promise<Float32Array> {
    const { net, config } = this.chosen, key = `${count}`;
    const known = this.#steps.get(key),
      step = known ?? await this.engine.infer(net.inference(config, count), this.arena);
    known?.reread();
    this.#steps.set(key, step);
    const { logits } = await step.run({ images });
    return logits.slice();
  }

  /** Frees all steps. */
  dispose(): void {
    for (const step of this.#steps.values()) step.dispose();
    this.optimizer.dispose();
  }

  #live(firstLive: number): string[] {
    return this.parameters.filter((name) => this.#layers.get(name)! >= firstLive);
  }
}
