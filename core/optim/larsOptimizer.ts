import type { Arena } from "../engine/arena.ts";
import { SimdKernels } from "../engine/simd.ts";
import { ArenaOptimizer } from "./arenaOptimizer.ts";
import { larsCoefficients, type LarsOptions } from "./lars.ts";
import type { Passes, Update } from "./optimizer.ts";

/** LARS over the tensors of an arena; the momentum is the region `moment1`, all zeros at the start. */
export class Lars extends ArenaOptimizer {
  private constructor(kernels: SimdKernels, readonly options: LarsOptions, passes: Passes) {
    super(kernels, passes);
  }

  /**
   * @param arena weights, moments and gradients
   * @param options momentum and trust coefficient
   * @param passes whose gradients make up an update; above 1 `own`, the arena needs five regions
   * @param threads that share an update, after one of them has found the lengths; above 1, `dispose` has to end them
   */
  static async create(
    arena: Arena,
    options: LarsOptions,
    passes: Passes = { own: 1, total: 1 },
    threads = 1,
  ): Promise<Lars> {
    return new Lars(await SimdKernels.create(arena, threads), options, passes);
  }

  override update(updates: readonly Update[]): void {
    const { kernels, options, passes, source } = this, { arena } = kernels;
    kernels.sgd(updates.map(({ name, lr, weightDecay }) => {
      const value = arena.view(name), gradient = arena.view(name, source), { length: dimensions } = arena.shape(name);
      const scale = 1 / passes.total;
      const coefficients = larsCoefficients(options, value, gradient, dimensions, lr, weightDecay, scale);
      return { name, coefficients, from: source };
    }));
  }
}
