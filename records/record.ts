import type { PhaseKind } from "./phase.ts";

/** What is measured at a phase's end or after an epoch. */
export type Metrics = {
  /** Accuracy in percent. */
  top1?: number;
  /** Share of images whose class is among the best five, in percent. */
  top5?: number;
  /** Mean cross-entropy. */
  loss?: number;
};

/** One epoch of a phase; times are in seconds, summed over the epoch's steps. */
export type Epoch = {
  /** Its number, from 0. */
  epoch: number;
  /** Optimiser steps. */
  iterations: number;
  /** Means over the epoch's steps by name: `loss`, and the parts that it sums; null for a part that has ended. */
  losses: Record<string, number | null>;
  /** Learning rate of each layer (patch embedding first) at the epoch's last step; one number where all share it. */
  rates: number[];
  /** What still trains at the epoch's last step, where layers may freeze. */
  live?: { layers: boolean[]; stages: boolean[] };
  /**
   * What the time went into: `targets`, `step`, `optimizer`, `exchange` (waiting for other ranks and their gradients) make a
   * step; `inputs` fills its inputs where that is not counted, `compile` makes the step anew when a layer freezes, `loading` reads and
   * crops its images where nothing is loaded ahead.
   */
  seconds: Record<string, number>;
  /** Seconds on the clock. */
  wallSeconds: number;
  /** Seconds of the epoch's steps that one process took without a break: a tenth of them were shorter, half, nine tenths. */
  stepSpread?: { p10: number; p50: number; p90: number };
  /** Processes that ran or waited for a core on the average of the epoch's last minute, this one among them. */
  load?: number;
  /** Bytes of gradients that each rank handed over, where there were several ranks. */
  exchangedBytes?: number;
  /** Measured after the epoch, where the phase does that. */
  metrics?: Metrics;
};

/** A layer that stopped training, or a stage whose decoder was removed. */
export type PhaseEvent = {
  /** "freeze" of a layer, "prune" of a stage. */
  kind: "freeze" | "prune";
  /** Which layer, 0 the patch embedding, or which stage, from 0. */
  at: number;
  /** The step before which it happened, from 0. */
  iteration: number;
};

/** Which processes worked on a phase from a step on. */
export type RanksSpan = {
  /** The step, from 0. */
  from: number;
  /** The MPI library; empty where there was one process. */
  library: string;
  /** The machine of each rank. */
  hosts: string[];
  /** Threads of rank 0's engine. */
  threads: number;
  /** `--accum`, where it was given. */
  accum?: number;
};

/** What one phase has left: the content of a file of results/. It knows no table. */
export type PhaseRecord = {
  /** Names the format. */
  kind: "vitfreeze.record";
  /** Version of the format. */
  schemaVersion: 2;
  /** The phase's key; see `phaseKey`. */
  key: string;
  /** The phase; what it starts from is named by its key. */
  phase: {
    kind: PhaseKind;
    seed: number;
    data: { source: string; classes: string | number | null; train: number | null; test?: number | null };
    config: Record<string, unknown>;
    from: { key: string; epochs: number | null } | null;
  };
  /** The id of the record of the phase that it starts from. */
  startedFrom: string | null;
  /** Who asked for it first; it may serve others as well. */
  asked: { experiment: string; profile: string; set: string[] };
  /** SHA-256: `code` of what all phases share; `method` of the pre-training's method, where there is one. */
  hashes: { code: string; method?: string; data: string; lock: string };
  /** The commit of the checkout, and whether its files were those of the commit; null outside of one. */
  git: { commit: string; clean: boolean } | null;
  /** What computed; `adapter` is the card, where it ran on one. */
  engine: { name: "compiled" | "eager"; backend: string; version: string; threads: number; adapter?: string };
  /** The machine of the last part of it. */
  machine: { cpu: string; cores: number; os: string; arch: string; runtime: string };
  /**
   * The processes that shared the phase, from each start or resumption on; where there was never more than one, and no
   * `--accum`, it is not there.
   */
  ranks?: RanksSpan[];
  /** The images as they were found: classes, training and test images, unreadable ones that were left out. */
  dataset: { name: string; classes: number; train: number; test: number; skipped: number };
  /** Numbers that the model trains. */
  params: number;
  /** Images of an optimiser step. */
  imagesPerIteration: number;
  /** Its epochs in order. */
  epochs: Epoch[];
  /** What froze and what was dropped, in order. */
  events: PhaseEvent[];
  /** Measured at the end. */
  metrics: Metrics;
  /** SHA-256 of the weights, by the number of epochs after which they were kept. */
  weights: Record<string, string>;
  /** When it was begun, ISO 8601 in UTC. */
  start: string;
  /** When it ended. */
  end: string;
};
