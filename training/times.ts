import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { Step } from "../core/engine/program.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import type { Round, TimedEpoch } from "../records/times.ts";
import { Clock } from "./clock.ts";
import type { PretrainConfig } from "./config.ts";
import { breathe } from "./monitor.ts";
import type { Objective, Stretch } from "./objective.ts";
import { pretrainObjective } from "./phases/pretrain.ts";
import { createTools, ownShare, type Tools } from "./work.ts";

/**
 * A pre-training whose epochs are cut short: it freezes at the same epochs, and takes so many steps in each.
 *
 * @param steps of an epoch, at least 1
 */
export function shortObjective(config: PretrainConfig, split: ImageSplit, steps: number): Objective<unknown> {
  const images = Math.min(split.length, steps * config.batch * config.accumulation);
  const few = { length: images, labels: split.labels.subarray(0, images), load: (at: number) => split.load(at) };
  return pretrainObjective(config, few, 0) as Objective<unknown>;
}

/** An epoch of one row that is measured step by step, so that the steps of several rows can take turns. */
class TimedRow<Batch> {
  readonly #share;
  readonly #arena;
  readonly #clock;
  #tools: Tools | undefined;
  #step: Step | undefined;
  #stretch: Stretch | undefined;
  #batches: AsyncGenerator<Batch> | undefined;

  constructor(
    readonly objective: Objective<Batch>,
    readonly epoch: number,
    readonly engine: Engine,
    readonly signal: AbortSignal,
  ) {
    this.#share = ownShare(objective.batch, {});
    this.#arena = new Arena(objective.parameters, this.#share.passes > 1 ? 5 : 4);
    this.#clock = new Clock(objective.parts);
  }

  /** Makes fresh weights and the first step, and takes it once, which is not measured. */
  async open(): Promise<void> {
    const { objective, epoch, engine } = this, aside = new Clock(objective.parts);
    objective.initialize(this.#arena);
    this.#tools = await createTools(this.#arena, this.#share, objective.optimizer, { engine });
    this.#batches = this.#upTo(1);
    await this.#take(0, aside);
    // A whole training makes a new step here if layers have just frozen.
    const begins = epoch === 0 || objective.events(epoch * objective.iterationsPerEpoch).length > 0;
    if (begins) this.#clock.seconds.compile = aside.seconds.compile;
    this.#batches = this.#upTo(objective.iterationsPerEpoch);
  }

  /** Takes and measures one step of the epoch. */
  async take(i: number): Promise<void> {
    await this.#take(i, this.#clock);
  }

  measured(): TimedEpoch {
    return { seconds: this.#clock.seconds, ...this.#clock.circumstances() };
  }

  close(): void {
    this.#step?.dispose();
    this.#tools?.optimizer.dispose();
  }

  #upTo(count: number): AsyncGenerator<Batch> {
    const { passes, places } = this.#share;
    return this.objective.batches(this.epoch, count * passes, 0, places);
  }

  async #take(i: number, clock: Clock): Promise<void> {
    const { objective, epoch, engine, signal } = this, { optimizer, exchange } = this.#tools!;
    const iteration = epoch * objective.iterationsPerEpoch + i, now = objective.stretch(iteration, this.#share.images);
    if (!this.#step || now !== this.#stretch) {
      clock.start();
      this.#step?.dispose();
      this.#step = await engine.train(now.program, this.#arena, now.gradients);
      this.#stretch = now;
      clock.mark("compile");
    }
    for (let micro = 0; micro < this.#share.passes; micro++) {
      const batch = (await this.#batches!.next()).value as Batch;
      await breathe({ signal });
      clock.start();
      await this.#step.run(objective.feeds(batch, epoch, now, clock));
      optimizer.accumulate(now.gradients, micro);
      clock.mark("step");
    }
    await exchange.update(objective.updates(iteration, now), iteration + 1, clock);
    clock.endStep();
  }
}

/**
 * One epoch of every row, the rows in turn step by step; another row goes first in every round. Weights are fresh in every epoch:
 * what a step takes hangs on what is frozen, not on the weights. Making a step counts where layers freeze, as in a whole training.
 *
 * @param objectives by key; those that are shorter are left out of later rounds
 */
export async function timeRound(
  objectives: ReadonlyMap<string, Objective<unknown>>,
  { repeat, epoch }: { repeat: number; epoch: number },
  engine: Engine,
  signal: AbortSignal,
): Promise<Round> {
  const keys = [...objectives.keys()].filter((key) => epoch < objectives.get(key)!.epochs);
  const first = (repeat + epoch) % keys.length, order = [...keys.slice(first), ...keys.slice(0, first)];
  const rows = new Map(order.map((key) => [key, new TimedRow(objectives.get(key)!, epoch, engine, signal)]));
  try {
    for (const row of rows.values()) await row.open();
    const steps = objectives.get(order[0])!.iterationsPerEpoch;
    for (let i = 0; i < steps; i++) {
      for (const row of rows.values()) await row.take(i);
    }
    return { epoch, rows: Object.fromEntries([...rows].map(([key, row]) => [key, row.measured()])) };
  } finally {
    for (const row of rows.values()) row.close();
  }
}

/** Epochs of a pre-training before anything freezes. */
export function unfrozenEpochs({ epochs, iterationsPerEpoch, facts }: Objective<unknown>): number {
  const frozen = (epoch: number) => facts((epoch + 1) * iterationsPerEpoch - 1).live?.layers.includes(false) ?? false;
  const first = Array.from({ length: epochs }, (_, epoch) => epoch).findIndex(frozen);
  return first < 0 ? epochs : first;
}
