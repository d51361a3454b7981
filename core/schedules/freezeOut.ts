import { UserError } from "../errors.ts";
import { freezeTimes } from "./freezeTimes.ts";

/** FreezeOut's schedule for a convolutional network (thesis 3.2; FreezeOut's update_lr); plain data. */
export interface FreezeOutSchedule {
  /** Layers that have a t_i, stem 0 and head last. */
  layers: number;
  /** Freezing time of layer 0 before the power, in (0, 1]; 1: one cosine for all, and nothing freezes. */
  t0: number;
  /** 1, 2, 3 for linear, squared, cubic. */
  power: number;
  /** Whether layer i starts at baseLr / t_i in place of baseLr. */
  scaled: boolean;
  baseLr: number;
  epochs: number;
  /**
   * Iterations that an epoch is taken to have where t_i becomes a number of iterations: those that it has, or the 1000 of the
   * released code. Need not be whole.
   */
  epochLength: number;
  /** Whether iterations are counted; if not, rates stay as they are at first and nothing freezes: the released VGG. */
  counts: boolean;
}

/** What trains in one iteration, and how fast. */
export interface FreezeOutState {
  /** Learning rate of each layer; 0 for a frozen one. */
  layerLr: number[];
  /** Whether each layer still trains; in the very iteration that meets t_i it does, at rate 0. */
  liveLayers: boolean[];
  /** The first layer that trains; all before it are frozen. */
  firstLive: number;
}

/**
 * Iterations after which each layer is frozen, max_j = epochs * length * t_i.
 *
 * @returns one number a layer; iteration j trains a layer as long as j <= its number
 */
export function freezeOutEnds({ epochs, epochLength, ...times }: FreezeOutSchedule): number[] {
  return freezeTimes(times).map((t) => epochs * epochLength * t);
}

/**
 * What lives and at which learning rate in one iteration: rate_i = (alpha / 2 / t_i) (1 + cos(pi j / max_j)), without the
 * division where rates are not scaled, until j > max_j. No warm-up, and no least rate.
 *
 * @param iteration j, from 0
 */
export function freezeOutState(schedule: FreezeOutSchedule, iteration: number): FreezeOutState {
  const { scaled, baseLr, counts } = schedule, times = freezeTimes(schedule), ends = freezeOutEnds(schedule);
  const j = counts ? iteration : 0, last = times.length - 1;
  const liveLayers = ends.map((end, layer) => layer === last || j <= end);
  const layerLr = times.map((t, layer) =>
    liveLayers[layer]
      ? (scaled ? baseLr / 2 / t : baseLr / 2) * (1 + Math.cos(Math.PI * Math.min(1, j / ends[layer])))
      : 0
  );
  return { layerLr, liveLayers, firstLive: liveLayers.indexOf(true) };
}

/**
 * Makes sure that every layer trains at all.
 *
 * @throws {UserError} where a layer would be frozen before the second iteration
 */
export function checkFreezeOut(schedule: FreezeOutSchedule): FreezeOutSchedule {
  const [first] = freezeOutEnds(schedule);
  if (first < 1) {
    const { t0, power, epochs, epochLength } = schedule;
    throw new UserError(
      `Cannot use t0 ${t0} with power ${power} over ${epochs} epochs of ${epochLength} iterations: layer 0 freezes after ` +
        `${Number(first.toPrecision(3))} iterations; want at least 1`,
    );
  }
  return schedule;
}
