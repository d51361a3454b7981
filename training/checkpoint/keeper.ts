import type { Arena } from "../../core/engine/arena.ts";

/** A run between two optimiser steps. */
export interface Boundary<Progress> {
  arena: Arena;
  /** Steps done; the next one has this number, from 0. */
  iteration: number;
  /** What was recorded so far; a copy that later steps do not change. */
  progress: Progress;
}

/** Where a phase of training leaves its state, and finds it again. */
export interface Keeper<Progress> {
  /** Fills the arena from a checkpoint, if there is one of this phase. */
  restore(arena: Arena): Promise<Omit<Boundary<Progress>, "arena"> | undefined>;
  /** Is told of every boundary before its step; saves when it is time. */
  offer(boundary: Boundary<Progress>): Promise<void>;
  /** Saves now: the run is being stopped, or the phase is over. */
  save(boundary: Boundary<Progress>): Promise<void>;
}

/**
 * Runs a phase's steps; when they are told to stop, the last boundary is saved first. Weights and moments change between
 * boundaries alone, so it does not matter where within a step that happens.
 */
export async function keepOnAbort<Progress, T>(
  keeper: Keeper<Progress> | undefined,
  signal: AbortSignal,
  run: (reached: (boundary: Boundary<Progress>) => Promise<void>) => Promise<T>,
): Promise<T> {
  let last: Boundary<Progress> | undefined;
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
