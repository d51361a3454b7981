import type { Arena } from "../engine/arena.ts";
import { SimdKernels } from "../engine/simd.ts";
import { ArenaOptimizer } from "./arenaOptimizer.ts";
import type { Passes, Update } from "./optimizer.ts";
import { sgdCoefficients, type SgdOptions } from "./sgd.ts";

/** SGD with momentum over the tensors of an arena; the momentum is the region `moment1`, all zeros at the start. */
export class Sgd extends ArenaOptimizer {
  private constructor(kernels: SimdKernels, readonly options: SgdOptions, passes: Passes) {
    super(kernels, passes);
  }

  /**
   * @param arena weights, moments and gradients
   * @param options momentum, and whether Nesterov's
   * @param passes whose gradients make up an update; above 1 `own`, the arena needs five regions
   * @param threads that share an update; above 1, `dispose` has to end them
   */
  static async create(
    arena: Arena,
    options: SgdOptions,
    passes: Passes = { own: 1, total: 1 },
    threads = 1,
  ): Promise<Sgd> {
    return new Sgd(await SimdKernels.create(arena, threads), options, passes);
  }

  override update(updates: readonly Update[]): void {
    this.kernels.sgd(updates.map(({ name, lr, weightDecay }) => ({
      name,
      coefficients: sgdCoefficients(this.options, lr, weightDecay, 1 / this.passes.total),
      from: this.source,
    })));
  }
}
