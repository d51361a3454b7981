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
 * What turns gradients into weights, over the tensors of an arena. Which tensors are updated, and at which rate, is said
 * anew at every step: nothing is registered or removed when a layer freezes, and a frozen tensor simply is not named.
 */
export interface Optimizer {
  /** Where the gradient of an update is: as the last pass left it, or summed over passes. */
  readonly source: "gradient" | "sum";
  /** Adds the gradients of one micro-batch to the sum; nothing to do where there is one only. */
  accumulate(names: readonly string[], microBatch: number): void;
  /**
   * Updates the named tensors by the mean of the gradients. Every number comes out the same whatever the threads.
   *
   * @param updates the tensors that live, with learning rate and weight decay
   * @param step number of this update over the whole run, from 1
   */
  update(updates: readonly Update[], step: number): void;
  /** Whether an update has to name all tensors that train at once. */
  readonly isWhole: boolean;
  /** Brings weights and moments to the arena, where they are kept elsewhere between two steps. */
  collect(): void;
  /** Brings the gradients of an update to the arena, where they are kept elsewhere: ranks add theirs there, the next update takes them. */
  lend(): void;
  /** Waits for the updates that were handed to a device, so that what is timed then is not theirs. */
  wait(): void;
  /** Ends the threads that share the updates, and frees what is kept elsewhere. */
  dispose(): void;
}
