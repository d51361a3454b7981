import type { PhaseKind } from "../records/phase.ts";

/** What a training loop tells while it runs. */
export interface StepReport {
  /** What is under way. */
  phase: PhaseKind | "evaluate" | "features";
  /** Steps done, and steps of the phase. */
  done: number;
  /** Steps of the phase. */
  total: number;
  /** From 0. */
  epoch: number;
  /** Mean of the epoch so far; nothing where none is computed. */
  loss?: number;
  /** Layers that still train, of all layers. */
  live?: [number, number];
  /** Of the epoch so far. */
  imagesPerSecond: number;
}

/** Where a training loop reports to, and what can stop it. */
export interface Monitor {
  step(report: StepReport): void;
  /** Becomes aborted on Ctrl-C; loops stop before their next step. */
  signal: AbortSignal;
}

/** Lets signals and decoders have a turn, then fails if the run was told to stop. */
export async function breathe({ signal }: Pick<Monitor, "signal">): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal.throwIfAborted();
}
