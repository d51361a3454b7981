import type { Arena } from "../core/engine/arena.ts";
import type { Feeds, Outputs, ParameterSpec, Program } from "../core/engine/program.ts";
import type { OptimizerConfig } from "../core/optim/createOptimizer.ts";
import type { Update } from "../core/optim/optimizer.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import type { GlobalBatch } from "../core/parallel/share.ts";
import type { PhaseKind } from "../records/phase.ts";
import type { Epoch, Metrics, PhaseEvent } from "../records/schema.ts";
import type { Clock } from "./clock.ts";

/** A stretch of steps in which nothing freezes. */
export interface Stretch {
  program: Program;
  /** Parameters whose gradients are wanted. */
  gradients: string[];
  /** Outputs that are summed over the epoch, `loss` first. */
  losses: string[];
}

/**
 * What a phase trains, as the loop sees it; batches, passes, ranks, clock, boundaries, sums are the loop's. What it
 * answers hangs on the step alone, not on what was asked before.
 */
export interface Objective<Batch> {
  kind: PhaseKind;
  /** In words, for messages: "pre-training". */
  name: string;
  parameters: readonly ParameterSpec[];
  epochs: number;
  iterationsPerEpoch: number;
  /** Images of a step. */
  batch: GlobalBatch;
  optimizer: OptimizerConfig;
  /** Parts of a step that are measured, there even if nothing is marked. */
  parts: string[];
  /** All losses that an epoch's record names, `loss` first. */
  losses: string[];
  /** Fills the weights at the start. */
  initialize(arena: Arena): void;
  /**
   * An epoch's micro-batches from the `start`-th to before the `count`-th.
   *
   * @param places of the images of the k-th micro-batch, in the epoch's order
   */
  batches(epoch: number, count: number, start: number, places: (k: number) => Int32Array): AsyncGenerator<Batch>;
  /** The stretch of a step; the same object as long as nothing changes. */
  stretch(iteration: number, images: number): Stretch;
  /** Fills the program's inputs; marks on the clock what is not to count as `step`. */
  feeds(batch: Batch, epoch: number, stretch: Stretch, clock: Clock): Feeds;
  /** Is given every pass's outputs: for state that no gradient changes. */
  absorb?(outputs: Outputs, arena: Arena): void;
  /**
   * Comes once all ranks have taken their passes of a step, before its update; what `absorb` gathered is put where it belongs.
   *
   * @param passes of all ranks
   */
  settle?(arena: Arena, ranks: Ranks, passes: number): Promise<void>;
  /** The tensors that this step updates, with learning rate and weight decay. */
  updates(iteration: number, stretch: Stretch): Update[];
  /** What froze or was pruned before this step. */
  events(iteration: number): PhaseEvent[];
  /** What an epoch's record says of a step besides losses and seconds. */
  facts(iteration: number): Pick<Epoch, "rates" | "live">;
  /** Measured after an epoch; nothing where the phase is measured at its end alone. */
  measure?(arena: Arena, epoch: number): Promise<Metrics | undefined>;
}
