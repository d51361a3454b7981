import { tQuantile } from "../judging/statistics.ts";
import { stepBeside } from "./stepBeside.ts";

/** Values that are each the mean or median of a stretch of training; places are fractional epochs, ascending. */
export interface Stretches {
  from: number[];
  to: number[];
  /** Finite. */
  value: number[];
  /** Share of a stretch that may lie across a drop unseen: half of it for a median, little for a mean. */
  blur: number;
}

/** A sudden fall from one level to another. */
export interface Drop {
  /** Where, as a fractional epoch. */
  epoch: number;
  /** How far off that may be, in epochs. */
  resolution: number;
  /** The levels: medians of the values before and after. */
  before: number;
  after: number;
}

/** Values on either side of a drop that give its levels; nearer to an end of the series no drop is found. */
export const SIDE = 5;
/**
 * How many times the scatter of its sides a drop must be high. The scatter is the range of the three middle values of a
 * side, two steps wide; a value that falls steadily differs by five steps between the sides, which is 2.5 times that.
 */
const STEEPNESS = 3;
/** Values on either side by which a smooth fall is told from a step: as many as one curve and one step still fit. */
const WINDOWS = [SIDE, 2 * SIDE, 4 * SIDE, 8 * SIDE];
/** How much more values may scatter about the curve of a wider window. */
const AS_WELL = 1.4;
/** Of a fall, the least share that is a step; how often chance alone may make one, at a place of a series. */
const STEP = 0.5, CHANCE = 1e-6;
/** Share of a drop by which a value may be off a level and still belong to it. */
const SLACK = 0.05;
/** What a stretch may hide of a drop. */
export const BLUR = { median: 0.5, mean: SLACK };

/**
 * The sudden drops of a series to a level that it never had before. A steady fall, however fast, is none, nor is the end
 * of a rise.
 *
 * @param smallest the least fall that counts, as a share of the level before it
 */
export function findDrops(stretches: Stretches, smallest: number): Drop[] {
  const found: Drop[] = [], { value } = stretches;
  let lowest = Infinity, end = 0;
  for (let at = SIDE - 1; at + SIDE < value.length;) {
    lowest = Math.min(lowest, median(side(value, at - SIDE + 1)));
    if (!(median(side(value, at + 1)) < lowest && isDrop(value, at, smallest) && isStep(stretches, at, end))) {
      at++;
      continue;
    }
    let last = at;
    while (last + 1 + SIDE < value.length && isDrop(value, last + 1, smallest)) last++;
    found.push(locate(stretches, at, last));
    end = last + 1;
    at = last + SIDE;
  }
  return found;
}

/** Sorted values of the side that ends with, or begins behind, a place. */
function side(value: number[], begin: number): number[] {
  return Array.from({ length: SIDE }, (_, k) => value[begin + k]).sort((a, b) => a - b);
}

function median(sorted: number[]): number {
  return sorted[(SIDE - 1) / 2];
}

/** The range but for the lowest and the highest value: one stray value, or one that lies inside the drop, is no scatter. */
function scatter(sorted: number[]): number {
  return sorted[SIDE - 2] - sorted[1];
}

function isDrop(value: number[], at: number, smallest: number): boolean {
  const before = side(value, at - SIDE + 1), after = side(value, at + 1);
  const fall = median(before) - median(after);
  return fall > smallest * Math.abs(median(before)) && fall > STEEPNESS * Math.max(scatter(before), scatter(after));
}

/**
 * Whether most of a fall is a step and no smooth fall, by the places that the values have: where lines of a log stand close
 * together, neighbours hardly differ however steeply a value falls.
 *
 * @param begin where the level before begins: behind the last drop
 */
function isStep({ from, to, value }: Stretches, at: number, begin: number): boolean {
  const fall = median(side(value, at - SIDE + 1)) - median(side(value, at + 1));
  const steps = WINDOWS.map((half) => {
    const first = Math.max(begin, at + 1 - half), behind = Math.min(value.length, at + 1 + half);
    const places = from.slice(first, behind).map((place, k) => (place + to[first + k]) / 2);
    return stepBeside(places, value.slice(first, behind), at - first);
  });
  // What is far below the fall is no scatter: levels without noise fit any window.
  const nothing = SLACK * SLACK * fall;
  const { height, error, freedom } = steps.reduce((best, wider) =>
    wider.scatter <= AS_WELL * best.scatter + nothing ? wider : best
  );
  return height > STEP * fall && height > tQuantile(freedom, CHANCE) * error;
}

/**
 * The place of a drop that the neighbours `first` to `last` all show. A value between the levels covers the drop itself:
 * where it lies between them says how much of its stretch came before.
 */
function locate({ from, to, value, blur }: Stretches, first: number, last: number): Drop {
  const high = side(value, first - SIDE + 1), low = side(value, last + 1);
  const before = median(high), after = median(low), fall = before - after;
  const slack = Math.max(SLACK * fall, scatter(high), scatter(low));
  let left = first, right = last + 1;
  while (left < last && value[left + 1] >= before - slack) left++;
  while (right - 1 > left && value[right - 1] <= after + slack) right--;
  const begin = to[left], end = from[right], unseen = blur * (to[right] - from[right]);
  if (right - left === 1) return { epoch: (begin + end) / 2, resolution: (end - begin) / 2 + unseen, before, after };
  const inside = Array.from({ length: right - left - 1 }, (_, k) => (value[left + 1 + k] - after) / fall);
  const share = inside.reduce((sum, part) => sum + part, 0) / inside.length;
  const resolution = inside.length === 1 ? unseen : (end - begin) / 2;
  return { epoch: begin + share * (end - begin), resolution, before, after };
}
