import type { Arena } from "../../core/engine/arena.ts";
import type { Progress } from "./progress.ts";

/** A phase between two optimiser steps. */
export interface Boundary {
  arena: Arena;
  /** Brings weights and moments to the arena, where they are kept elsewhere between two steps; asked for before they are saved. */
  collect(): void;
  /** Steps done; the next one has this number, from 0. */
  iteration: number;
  /** What was recorded so far; a copy that later steps do not change. */
  progress: Progress;
}

/** What a checkpoint says of its boundary. */
export type Restored = Pick<Boundary, "iteration" | "progress">;

/** Where a phase leaves its state and its weights, and finds its state again. */
export interface Keeper {
  /** Fills the arena from a checkpoint, if there is one. */
  restore(arena: Arena): Promise<Restored | undefined>;
  /** Is told of every boundary before its step; saves when it is time. */
  offer(boundary: Boundary): Promise<void>;
  /** Saves now: the phase is being stopped, or over. */
  save(boundary: Boundary): Promise<void>;
  /** Leaves the weights after so many epochs, for phases that start from them. */
  leaveWeights(epochs: number, arena: Arena): Promise<void>;
}

/**
 * Runs a phase's steps; when they are told to stop, the last boundary is saved first. Weights and moments change between
 * boundaries alone, so it does not matter where within a step that happens.
 */
export async function keepOnAbort<T>(
  keeper: Keeper | undefined,
  signal: AbortSignal,
  run: (reached: (boundary: Boundary) => Promise<void>) => Promise<T>,
): Promise<T> {
  let last: Boundary | undefined;
  try {
    return await run(async (boundary) => {
      last = boundary;
      await keeper?.offer(boundary);
    });
  } catch (error) {
    if (last && signal.aborted && error === signal.reason) await keeper?.save(last);
    throw error;
  }
}
