/** A stretch of a run between two freezes. */
export interface Stretch {
  /** The first of its optimiser steps, and how many there are. */
  from: number;
  steps: number;
  /** Layers that train, decoders that are left. */
  live: number;
  stages: number;
  /** The lowest layer at which the backward pass arrives, and the tensor for whose gradient it goes so far. */
  end: number;
  because: string;
  /** Frozen layers through which the backward pass runs all the same. */
  through: number;
  /** What a step costs over an unfrozen one by the cost model; absent where no model knows it. */
  cost?: number;
}

/** A run in stretches, and what it would save otherwise. */
export interface Course {
  /** What it is, in words: net or method, schedule. */
  title: string;
  /** Layers that may freeze, and decoders. */
  layers: number;
  stages: number;
  stretches: Stretch[];
  /** What freezing saves of all steps, as it is first, then otherwise, from 0 to 1; empty where no cost model knows it. */
  savings: { what: string; share: number }[];
  /** What a step costs in which all but the last layer is frozen; absent as `Stretch.cost`. */
  floor?: number;
}

/** The share that stretches save of as many unfrozen steps. */
export function savedBy(stretches: readonly { steps: number; cost: number }[]): number {
  const steps = stretches.reduce((sum, each) => sum + each.steps, 0);
  return 1 - stretches.reduce((sum, each) => sum + each.steps * each.cost, 0) / steps;
}

/** What of a schedule is told with another value: where its first layer freezes, and by which power its times grow. */
interface Times {
  t0: number;
  power: number;
}

/** What a schedule would save that begins to freeze elsewhere, or has linear times. */
export function otherwise(
  { t0, power }: Times,
  saving: (change: Partial<Times>) => number,
): Course["savings"] {
  return [
    ...[0.5, 0.7, 0.9].filter((other) => other !== t0)
      .map((other) => ({ what: `t0 = ${other}`, share: saving({ t0: other }) })),
    ...(power === 1 ? [] : [{ what: "linear times (power 1)", share: saving({ power: 1 }) }]),
  ];
}

/** The same stretches, neighbours in which the same trains being one. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const all: Stretch[] = [];
  for (const each of stretches) {
    const last = all.at(-1), same = ({ from: _from, steps: _steps, ...rest }: Stretch) => JSON.stringify(rest);
    if (last && same(last) === same(each)) last.steps += each.steps;
    else all.push({ ...each });
  }
  return all;
}
