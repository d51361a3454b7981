import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import { stepSeconds } from "../records/schema.ts";
import type { TimedEpoch } from "../records/times.ts";
import { Clock } from "./clock.ts";
import { CurrentStep } from "./currentStep.ts";
import type { Objective } from "./objective.ts";
import { createTools, ownShare, type Tools } from "./work.ts";

/**
 * The step of a whole epoch for which one of `steps` measured ones stands: the middle of its share of the epoch, so that what
 * freezes within an epoch freezes neither later nor earlier than in a whole training, on average.
 */
export function sampledIteration(
  { iterationsPerEpoch }: Pick<Objective<unknown>, "iterationsPerEpoch">,
  epoch: number,
  i: number,
  steps: number,
): number {
  return epoch * iterationsPerEpoch + Math.floor((i + 0.5) * iterationsPerEpoch / steps);
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
export class TimedRow<Batch> {
  readonly #clock;
  /** What making the step that has not run yet took, if that counts; nothing once it has run. */
  #making: number | undefined;

  private constructor(
    readonly objective: Objective<Batch>,
    readonly epoch: number,
    readonly steps: number,
    readonly tools: Tools,
    readonly current: CurrentStep<Batch>,
  ) {
    this.#clock = new Clock(objective.parts);
  }

  /** Makes fresh weights and the first step. */
  static async open<Batch>(
    objective: Objective<Batch>,
    { epoch, steps }: { epoch: number; steps: number },
    engine: Engine,
    signal: AbortSignal,
  ): Promise<TimedRow<Batch>> {
    const share = ownShare(objective.batch, {}), arena = new Arena(objective.parameters, share.passes > 1 ? 5 : 4);
    objective.initialize(arena);
    const tools = await createTools(arena, share, objective.optimizer, { engine });
    const row = new TimedRow(objective, epoch, steps, tools, new CurrentStep(objective, engine, arena, { signal }));
    try {
      const making = await row.#reach(0);
      // A whole training has made it in an epoch before if nothing froze since the last step that was measured there.
      row.#making = epoch === 0 || row.#liveAt(epoch, 0) !== row.#liveAt(epoch - 1, steps - 1) ? making : 0;
      return row;
    } catch (error) {
      row.close();
      throw error;
    }
  }

  /** The batches of the epoch's measured steps. */
  batches(): AsyncGenerator<Batch> {
    const { passes, places } = this.tools.share;
    return this.objective.batches(this.epoch, this.steps * passes, 0, places);
  }

  /**
   * Takes and measures one step of the epoch. What has just been made is run once before: its first run takes longer, once in a
   * whole training, and belongs to the making, not to every step for which the measured one stands.
   */
  async take(i: number, batches: AsyncGenerator<Batch>): Promise<void> {
    this.#making ??= await this.#reach(i);
    this.#clock.start();
    const own = await taken(batches, this.tools.share.passes);
    this.#clock.mark("loading");
    if (this.#making === undefined) {
      await this.#run(i, own, this.#clock);
    } else {
      const aside = new Clock(this.objective.parts), before = stepSeconds(this.#clock.seconds);
      await this.#run(i, own, aside);
      await this.#run(i, own, this.#clock);
      const longer = stepSeconds(aside.seconds) - (stepSeconds(this.#clock.seconds) - before);
      if (this.#making > 0) this.#clock.seconds.compile += this.#making + Math.max(0, longer);
      this.#making = undefined;
    }
    this.#clock.endStep();
  }

  measured(): TimedEpoch {
    return { seconds: this.#clock.seconds, ...this.#clock.circumstances() };
  }

  close(): void {
    this.current.dispose();
    this.tools.optimizer.dispose();
  }

  /** Makes the step if it is another one; the seconds that it took, or nothing. */
  async #reach(i: number): Promise<number | undefined> {
    const clock = new Clock([]), { objective, epoch, steps, tools: { share } } = this;
    await this.current.reach(sampledIteration(objective, epoch, i, steps), share.images, clock);
    return clock.seconds.compile;
  }

  async #run(i: number, own: readonly Batch[], clock: Clock): Promise<void> {
    const { objective, epoch, steps, tools, current } = this;
    const iteration = sampledIteration(objective, epoch, i, steps),
      now = objective.stretch(iteration, tools.share.images);
    await current.take(each(own), epoch, tools, clock);
    await tools.exchange.update(objective.updates(iteration, now), iteration + 1, clock);
  }

  /** What lives at a measured step. */
  #liveAt(epoch: number, i: number): string {
    return JSON.stringify(this.objective.facts(sampledIteration(this.objective, epoch, i, this.steps)).live);
  }
}
