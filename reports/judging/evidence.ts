import type { SeedObservations } from "./observations.ts";

/** The runs of one scale. */
export interface Evidence extends Observed {
  /** Whether they are those of the print. */
  published: boolean;
  /** Columns of the claim's table that are times. */
  timed: ReadonlySet<string>;
  /** The same with the times of runs whose backward pass freezing cuts, which the released code does not. */
  cut: Observed;
  /** Rows of which runs are known that nothing can read. */
  lost: readonly string[];
}

/** What was observed at a scale. */
export interface Observed {
  /**
   * Values by row and column of the claim's table, in the columns and units of the print. Rows of other tables are named
   * by `rowName`.
   */
  seeds: readonly SeedObservations[];
  /** Of every seed that has times, what the machine took for the same work. */
  unfrozen: readonly Unfrozen[];
}

/** What a row's steps took before anything froze. */
export interface UnfrozenRow {
  /** What a step computes there: alike in all rows that train the same model on the same, whatever freezes later. */
  work: string;
  /** Whether the rows took turns step by step, so that what changes the machine changes them all. */
  inTurn: boolean;
  /** Seconds a step, by epoch. */
  seconds: readonly number[];
}

/** The same by row. */
export type Unfrozen = Readonly<Record<string, UnfrozenRow>>;
