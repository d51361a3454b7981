import { SimdKernels } from "../engine/simd.ts";
import type { Arena } from "../engine/arena.ts";
import { adamwCoefficients, type AdamWOptions } from "./adamw.ts";

/** One tensor to be updated in this step. */
export interface Update {
  name: string;
  lr: number;
  weightDecay: number;
}

/**
 * AdamW over the tensors of an arena. Which tensors are updated, and at which rate, is said anew at every step: nothing
 * is registered or removed when a layer freezes, and a frozen tensor simply is not named.
 */
export class AdamW {
  private constructor(readonly kernels: SimdKernels, readonly options: AdamWOptions, readonly accumulation: number) {}

  /**
   * @param arena weights, moments and gradients
   * @param options betas and eps
   * @param accumulation micro-batches per update; above 1 the arena needs five regions
   * @param threads that share an update; above 1, `dispose` has to end them
   */
  static async create(arena: Arena, options: AdamWOptions, accumulation = 1, threads = 1): Promise<AdamW> {
    return new AdamW(await SimdKernels.create(arena, threads), options, accumulation);
  }

  /** Adds the gradients of one micro-batch to the running mean; nothing to do without accumulation. */
  accumulate(names: readonly string[], microBatch: number): void {
    if (this.accumulation === 1) return;
    for (const name of names) this.kernels.accumulate(name, 1 / this.accumulation, microBatch === 0);
  }

  /**
   * Updates the named tensors.
   *
   * @param updates the tensors that live, with learning rate and weight decay
   * @param step number of this update over the whole run, from 1
   */
  update(updates: readonly Update[], step: number): void {
    const from = this.accumulation === 1 ? "gradient" : "sum";
    this.kernels.adamw(updates.map(({ name, lr, weightDecay }) => ({
      name,
      coefficients: adamwCoefficients(this.options, lr, weightDecay, step),
      from,
    })));
  }

  /** Ends the threads that share the updates. */
  dispose(): void {
    this.kernels.dispose();
  }
}
