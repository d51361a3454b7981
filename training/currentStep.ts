import type { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { Step } from "../core/engine/program.ts";
import type { Clock } from "./clock.ts";
import { breathe, type Monitor } from "./monitor.ts";
import type { Objective, Stretch } from "./objective.ts";
import type { Tools } from "./work.ts";

/** The compiled step of the stretch under way: made anew when the stretch changes. */
export class CurrentStep<Batch> {
  #step: Step | undefined;
  #stretch: Stretch | undefined;

  constructor(
    readonly objective: Objective<Batch>,
    readonly engine: Engine,
    readonly arena: Arena,
    readonly monitor: Pick<Monitor, "signal">,
  ) {}

  /**
   * Makes the step of an iteration, unless it is the one that is there; the clock's mark "compile" gets the time of that.
   *
   * @param images of a pass
   * @returns the iteration's stretch
   */
  async reach(iteration: number, images: number, clock: Clock): Promise<Stretch> {
    clock.start();
    const now = this.objective.stretch(iteration, images);
    if (!this.#step || now !== this.#stretch) {
      this.dispose();
      this.#step = await this.engine.train(now.program, this.arena, now.gradients);
      this.#stretch = now;
      clock.mark("compile");
    }
    return now;
  }

  /**
   * Takes this rank's passes of an optimiser step, gradients summed up, and marks their time as "step".
   *
   * @param batches of which each pass takes the next one
   * @returns sums of the stretch's losses over the passes
   */
  async take(
    batches: AsyncGenerator<Batch>,
    epoch: number,
    { share: { passes }, optimizer }: Pick<Tools, "share" | "optimizer">,
    clock: Clock,
  ): Promise<number[]> {
    const { objective, arena, monitor } = this,
      now = this.#stretch!,
      sums = new Array<number>(now.losses.length).fill(0);
    for (let micro = 0; micro < passes; micro++) {
      const taken = (await batches.next()).value as Batch;
      await breathe(monitor);
      clock.start();
      const outputs = await this.#step!.run(objective.feeds(taken, epoch, now, clock));
      objective.absorb?.(outputs, arena);
      optimizer.accumulate(now.gradients, micro);
      now.losses.forEach((name, k) => sums[k] += outputs[name][0]);
      clock.mark("step");
    }
    return sums;
  }

  dispose(): void {
    this.#step?.dispose();
    this.#step = undefined;
  }
}
