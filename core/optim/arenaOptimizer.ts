import type { SimdKernels } from "../engine/simd.ts";
import type { Optimizer, Passes, Update } from "./optimizer.ts";

/** The part that all optimisers share: gradients are summed over passes, and the kernels do the arithmetic. */
export abstract class ArenaOptimizer implements Optimizer {
  /**
   * @param kernels of the arena with weights, moments and gradients
   * @param passes whose gradients make up an update; above 1 `own`, the arena needs five regions
   */
  constructor(readonly kernels: SimdKernels, readonly passes: Passes) {}

  get source(): "gradient" | "sum" {
    return this.passes.own === 1 ? "gradient" : "sum";
  }

  accumulate(names: readonly string[], microBatch: number): void {
    if (this.source === "gradient") return;
    for (const name of names) this.kernels.accumulate(name, microBatch === 0);
  }

  // What it works on is the arena itself.
  readonly isWhole = false;
  collect(): void {}
  lend(): void {}
  wait(): void {}

  abstract update(updates: readonly Update[], step: number): void;

  dispose(): void {
    this.kernels.dispose();
  }
}
