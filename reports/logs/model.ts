import type { RunArgs } from "../sources/authorsSchema.ts";
import type { SeriesData } from "./series.ts";

/** One finished epoch of a log; null where the log does not tell. */
export interface LogEpoch {
  /** From 0. */
  epoch: number;
  /** Learning rate of the last iteration; in a log of JSON lines the mean over the epoch. */
  lr: number | null;
  lossMean: number;
  /** Median of the last 20 iterations. */
  lossLast: number | null;
  /** Seconds from the first to the last step. */
  wallSeconds: number | null;
  /** Seconds inside the steps. */
  stepSeconds: number | null;
  /** Seconds of waiting for data, estimated from the printed means of the iterations before each line. */
  dataSeconds: number | null;
  /** Percent. */
  top1: number | null;
  top5: number | null;
  testLoss: number | null;
}

/** How far an unfinished epoch came. */
export interface Reached {
  epoch: number;
  /** Iterations that were done when the last line was printed. */
  done: number;
  iterations: number;
}

/** One start of the program: a log may hold several. */
export interface LogStart {
  /** The line it begins at. */
  line: number;
  /** First and last epoch that it finished; null when none. */
  epochs: { first: number; last: number } | null;
  /** The epoch it was in when it ended; null when that was finished. */
  reached: Reached | null;
  end: "finished" | "traceback" | "loss not finite" | "broken off";
  /** Whether epochs of it are in the run that counts. */
  counted: boolean;
}

/** The run that a log is about: the last complete one, or else the last that finished an epoch. */
export interface LogRun {
  /** The arguments of the command, as the log states them; null when it does not. */
  args: RunArgs | null;
  /** Ascending by number. */
  epochs: LogEpoch[];
  /** The progress lines; empty in a log of JSON lines. */
  series: SeriesData;
  /** Iterations of an epoch as printed: batches, not optimiser steps; null in a log of JSON lines. */
  iterations: number | null;
  /** Seconds of the whole program, evaluation included; null when it did not end. */
  trainingSeconds: number | null;
  /** Whether all its epochs are there; null where the log does not tell. */
  complete: boolean | null;
  /** Epochs in which a loss was not a finite number, and what was printed. */
  nonFinite: { epoch: number; value: string }[];
}

/** What a log holds. */
export interface ParsedLog {
  lines: number;
  bytes: number;
  form: "text" | "json lines";
  /** Processes that print into the log, as far as they can be told apart; the numbers are those of the first. */
  processes: number;
  starts: LogStart[];
  run: LogRun;
  /** What a reader must know before using the numbers, one sentence each. */
  warnings: string[];
}
