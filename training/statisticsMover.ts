import type { Arena } from "../core/engine/arena.ts";
import type { Outputs } from "../core/engine/program.ts";
import { moveStatistics, runningMean, runningVariance } from "../core/models/convnet/statistics.ts";
import type { Ranks } from "../core/parallel/ranks.ts";

/**
 * Moves running statistics once an optimiser step, by the mean over all passes of all ranks of the batches' statistics; with one
 * pass it is what PyTorch does. What a network's norms are is asked at each pass, for frozen ones do not move.
 */
export class StatisticsMover {
  #sums: Float32Array<ArrayBuffer> | undefined;
  #norms: readonly string[] = [];

  /** Adds a pass's statistics, `NAME.mean` and `NAME.variance` of each norm that lives. */
  add(norms: readonly string[], outputs: Outputs): void {
    const values = norms.flatMap((norm) => [outputs[`${norm}.mean`], outputs[`${norm}.variance`]]);
    const length = values.reduce((sum, { length }) => sum + length, 0);
    const sums = this.#sums ??= new Float32Array(length);
    let at = 0;
    for (const part of values) for (const value of part) sums[at++] += value;
    this.#norms = norms;
  }

  /**
   * Moves the statistics of the norms that were added, and forgets the sums.
   *
   * @param ranks those that take the step; right after their `sum`
   * @param passes of all ranks
   */
  async move(arena: Arena, ranks: Ranks, passes: number): Promise<void> {
    const sums = this.#sums;
    if (!sums) return;
    if (ranks.size > 1) await ranks.reduce(sums);
    let at = 0;
    for (const name of this.#norms.flatMap((norm) => [runningMean(norm), runningVariance(norm)])) {
      const running = arena.view(name), mean = sums.subarray(at, at + running.length);
      moveStatistics(running, passes === 1 ? mean : mean.map((sum) => sum / passes));
      at += running.length;
    }
    this.#sums = undefined;
  }
}
