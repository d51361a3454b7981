import { freezeEpochs } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";

/**
 * The share of a run that is spent with 0, 1, 2 … layers frozen; the shares add up to 1.
 *
 * @param schedule its layers freeze in order
 */
export function frozenShares(schedule: FreezeSchedule): number[] {
  const ends = freezeEpochs(schedule).flatMap((epoch) => epoch === null ? [] : [epoch]);
  const marks = [0, ...ends, schedule.epochs];
  return marks.slice(1).map((end, k) => (end - marks[k]) / schedule.epochs);
}

/** An iteration in which exactly so many layers are frozen. */
export function iterationWith(schedule: FreezeSchedule, frozen: number): number {
  const shares = frozenShares(schedule).slice(0, frozen + 1);
  const before = shares.slice(0, -1).reduce((sum, share) => sum + share, 0);
  const total = schedule.epochs * schedule.iterationsPerEpoch;
  return Math.floor((before + shares[frozen] / 2) * total);
}

/**
 * Percent of the unfrozen time that a schedule saves.
 *
 * @param shares the share of the run with n layers frozen, at index n
 * @param relative the step time with n layers frozen over that with none; states in between are on a line between the
 *   measured ones
 * @throws {RangeError} unless the first and the last state are there
 */
export function savedPercent(shares: readonly number[], relative: ReadonlyMap<number, number>): number {
  return 100 * (1 - shares.reduce((sum, share, frozen) => sum + share * interpolated(relative, frozen), 0));
}

function interpolated(relative: ReadonlyMap<number, number>, frozen: number): number {
  const known = [...relative.keys()].sort((a, b) => a - b);
  const left = known.findLast((n) => n <= frozen), right = known.find((n) => n >= frozen);
  if (left === undefined || right === undefined) {
    throw new RangeError(
      `Cannot integrate over the schedule: no time for ${frozen} frozen layers, want first and last`,
    );
  }
  const from = relative.get(left)!, to = relative.get(right)!;
  return left === right ? from : from + (to - from) * (frozen - left) / (right - left);
}
