import { SimdKernels } from "../engine/simd.ts";
import type { Arena } from "../engine/arena.ts";
import { adamwCoefficients, type AdamWOptions } from "./adamw.ts";

/** One tensor to be updated in this step. */
export interface Update {
  name: string;
  lr: number;
  weightDecay: number;
}

/** Forward and backward passes whose gradients are summed up for one update. */
export interface Passes {
  /** By this process. */
  own: number;
  /** By all ranks. */
  total: number;
}

/**
 * AdamW over the tensors of an arena. Which tensors are updated, and at which rate, is said anew at every step: nothing
 * is registered or removed when a layer freezes, and a frozen tensor simply is not named.
 */
export class AdamW {
  private constructor(readonly kernels: SimdKernels, readonly options: AdamWOptions, readonly passes: Passes) {}

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

  /** Where the gradient of an update is: as the last pass left it, or summed over passes. */
  get source(): "gradient" | "sum" {
    return this.passes.own === 1 ? "gradient" : "sum";
  }

  /** Adds the gradients of one micro-batch to the sum; nothing to do where there is one only. */
  accumulate(names: readonly string[], microBatch: number): void {
    if (this.source === "gradient") return;
    for (const name of names) this.kernels.accumulate(name, microBatch === 0);
  }

  /**
   * Updates the named tensors by the mean of the gradients.
   *
   * @param updates the tensors that live, with learning rate and weight decay
   * @param step number of this update over the whole run, from 1
   */
  update(updates: readonly Update[], step: number): void {
    this.kernels.adamw(updates.map(({ name, lr, weightDecay }) => ({
      name,
      coefficients: adamwCoefficients(this.options, lr, weightDecay, step, 1 / this.passes.total),
      from: this.source,
    })));
  }

  /** Ends the threads that share the updates. */
  dispose(): void {
    this.kernels.dispose();
  }
}
