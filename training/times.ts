import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import type { Round, TimedEpoch } from "../records/times.ts";
import { Clock } from "./clock.ts";
import type { PretrainConfig } from "./config.ts";
import { CurrentStep } from "./currentStep.ts";
import type { Objective } from "./objective.ts";
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
  // Nothing is loaded ahead: it would count for the step under way, maybe another row's.
  return pretrainObjective(config, few, 0, undefined, 0) as Objective<unknown>;
}

/** So many of what comes next. */
async function taken<Batch>(batches: AsyncGenerator<Batch>, count: number): Promise<Batch[]> {
  const found: Batch[] = [];
  while (found.length < count) found.push((await batches.next()).value as Batch);
  return found;
}

async function* each<Batch>(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

/** An epoch of one row that is measured step by step, so that the steps of several rows can take turns. */
class TimedRow<Batch> {
  readonly #clock;

  private constructor(
    readonly objective: Objective<Batch>,
    readonly epoch: number,
    readonly tools: Tools,
    readonly current: CurrentStep<Batch>,
  ) {
    this.#clock = new Clock(objective.parts);
  }

  /** Makes fresh weights and the first step, and takes it once, which is not measured. */
  static async open<Batch>(
    objective: Objective<Batch>,
    epoch: number,
    engine: Engine,
    signal: AbortSignal,
  ): Promise<TimedRow<Batch>> {
    const share = ownShare(objective.batch, {}), arena = new Arena(objective.parameters, share.passes > 1 ? 5 : 4);
    objective.initialize(arena);
    const tools = await createTools(arena, share, objective.optimizer, { engine });
    const row = new TimedRow(objective, epoch, tools, new CurrentStep(objective, engine, arena, { signal }));
    try {
      const aside = new Clock(objective.parts);
      await row.#take(0, row.batches(1), aside);
      // A whole training makes a new step here if layers have just frozen.
      const begins = epoch === 0 || objective.events(epoch * objective.iterationsPerEpoch).length > 0;
      if (begins) row.#clock.seconds.compile = aside.seconds.compile;
      return row;
    } catch (error) {
      row.close();
      throw error;
    }
  }

  /** The batches of the first so many steps of the epoch. */
  batches(count: number): AsyncGenerator<Batch> {
    const { passes, places } = this.tools.share;
    return this.objective.batches(this.epoch, count * passes, 0, places);
  }

  /** Takes and measures one step of the epoch. */
  async take(i: number, batches: AsyncGenerator<Batch>): Promise<void> {
    await this.#take(i, batches, this.#clock);
  }

  measured(): TimedEpoch {
    return { seconds: this.#clock.seconds, ...this.#clock.circumstances() };
  }

  close(): void {
    this.current.dispose();
    this.tools.optimizer.dispose();
  }

  async #take(i: number, batches: AsyncGenerator<Batch>, clock: Clock): Promise<void> {
    const { objective, epoch, tools, current } = this, iteration = epoch * objective.iterationsPerEpoch + i;
    const now = await current.reach(iteration, tools.share.images, clock);
    clock.start();
    const own = await taken(batches, tools.share.passes);
    clock.mark("loading");
    await current.take(each(own), epoch, tools, clock);
    await tools.exchange.update(objective.updates(iteration, now), iteration + 1, clock);
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
  const steps = objectives.get(order[0])!.iterationsPerEpoch, rows = new Map<string, TimedRow<unknown>>();
  try {
    for (const key of order) rows.set(key, await TimedRow.open(objectives.get(key)!, epoch, engine, signal));
    const turns = [...rows.values()].map((row) => ({ row, batches: row.batches(steps) }));
    for (let i = 0; i < steps; i++) {
      for (const { row, batches } of turns) await row.take(i, batches);
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
