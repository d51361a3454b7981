import type { Arena } from "../engine/arena.ts";
import { SimdKernels } from "../engine/simd.ts";
import { adamwCoefficients, type AdamWOptions } from "./adamw.ts";
import { ArenaOptimizer } from "./arenaOptimizer.ts";
import type { Passes, Update } from "./optimizer.ts";

/** AdamW over the tensors of an arena; its moments are the regions `moment1` and `moment2`. */
export class AdamW extends ArenaOptimizer {
  private constructor(kernels: SimdKernels, readonly options: AdamWOptions, passes: Passes) {
    super(kernels, passes);
  }

  /**
   * @param arena weights, moments and gradients
   * @param options betas and eps
   * @param passes whose gradients make up an update; above 1 `own`, the arena needs five regions
   * @param threads that share an update; above 1, `dispose` has to end them
   */
  static async create(
    arena: Arena,
    options: AdamWOptions,
    passes: Passes = { own: 1, total: 1 },
    threads = 1,
  ): Promise<AdamW> {
    return new AdamW(await SimdKernels.create(arena, threads), options, passes);
  }

  override update(updates: readonly Update[], step: number): void {
    this.kernels.adamw(updates.map(({ name, lr, weightDecay }) => ({
      name,
      coefficients: adamwCoefficients(this.options, lr, weightDecay, step, 1 / this.passes.total),
      from: this.source,
    })));
  }
}
