import { UserError } from "../errors.ts";

/** FreezeOut's schedule for convolutional nets (Brock et al. 2017; thesis 3.2); plain data that can be written as JSON. */
export interface FreezeOutSchedule {
  /** L + 1: stem (layer 0) to head (layer L), at least 2. */
  layers: number;
  /** Share of the training after which layer 0 freezes, before the power; above 0, at most 1. 1 means no freezing. */
  t0: number;
  /** 1 for the linear schedule, 2 for the squared, 3 for the cubic one. */
  power: number;
  /** Whether layer i starts at baseLr / t_i instead of baseLr. */
  scaled: boolean;
  /** Base learning rate alpha. */
  baseLr: number;
  /** Length of the run. */
  epochs: number;
  /** Iterations that are run in an epoch. */
  iterationsPerEpoch: number;
  /**
   * Iterations of an epoch as the cosines count them, a real number: those that are run ("true"), or 1000 as released,
   * whatever the data.
   */
  lengthPerEpoch: number;
  /** Whether iterations are counted; false for VGG as released, whose rates never move and whose layers never freeze. */
  counts?: boolean;
}

/** What trains in one iteration, and how fast; entries run over layers. */
export interface FreezeOutState {
  /** Learning rate of each layer; 0 for a frozen one, and for a live one at the very end of its cosine. */
  layerLr: number[];
  /** Whether each layer still trains. */
  liveLayers: boolean[];
  /** Index of the first layer that trains; all before it are frozen, and where it is the number of layers, all are. */
  firstLive: number;
}

/** t_i = (t0 + (1 - t0) i / L)^power of each layer, in the order of operations of the released code; the head's is 1. */
export function freezeOutTimes({ layers, t0, power }: Pick<FreezeOutSchedule, "layers" | "t0" | "power">): number[] {
  const head = layers - 1;
  return Array.from({ length: layers }, (_, i) => i === head ? 1 : (t0 + (1 - t0) * i / head) ** power);
}

/** Iterations, a real number, that each layer's cosine takes: epochs * lengthPerEpoch * t_i. */
export function freezeOutLengths(schedule: FreezeOutSchedule): number[] {
  return freezeOutTimes(schedule).map((t) => schedule.epochs * schedule.lengthPerEpoch * t);
}

/**
 * What lives and at which rate in one iteration. A layer freezes at the first iteration above its length: at the length
 * itself it is live with rate 0.
 *
 * @param iteration a whole number from 0 to epochs * iterationsPerEpoch - 1
 * @throws {RangeError} for an iteration outside the run
 */
export function freezeOutState(schedule: FreezeOutSchedule, iteration: number): FreezeOutState {
  const { scaled, baseLr, epochs, iterationsPerEpoch, counts = true } = schedule;
  if (!(iteration >= 0 && iteration < epochs * iterationsPerEpoch)) {
    throw new RangeError(`Cannot tell the rates of iteration ${iteration}: the run has ${epochs * iterationsPerEpoch}`);
  }
  const counted = counts ? iteration : 0, times = freezeOutTimes(schedule), lengths = freezeOutLengths(schedule);
  const liveLayers = lengths.map((length) => counted <= length);
  const layerLr = lengths.map((length, i) => {
    if (!liveLayers[i]) return 0;
    return (scaled ? baseLr / 2 / times[i] : baseLr / 2) * (1 + Math.cos(Math.PI * counted / length));
  });
  return { layerLr, liveLayers, firstLive: liveLayers.filter((live) => !live).length };
}

/** The first iteration in which each layer is frozen; null where it never is within the run. */
export function freezeOutIterations(schedule: FreezeOutSchedule): (number | null)[] {
  const { epochs, iterationsPerEpoch, counts = true } = schedule;
  return freezeOutLengths(schedule).map((length) => {
    const first = Math.floor(length) + 1;
    return counts && first < epochs * iterationsPerEpoch ? first : null;
  });
}

/**
 * Makes sure that a schedule can be run.
 *
 * @throws {UserError} when a value is out of range, or a layer freezes before it has trained: name, value found, value wanted
 */
export function checkFreezeOut(schedule: FreezeOutSchedule): void {
  const refuse = (name: keyof FreezeOutSchedule, wanted: string): never => {
    throw new UserError(`Cannot use ${name} ${schedule[name]} in a schedule of FreezeOut: want ${wanted}`);
  };
  const { layers, t0, power, baseLr, epochs, iterationsPerEpoch, lengthPerEpoch, counts = true } = schedule;
  const whole = (n: number) => Number.isInteger(n) && n >= 1;
  if (!(whole(layers) && layers >= 2)) refuse("layers", "a whole number of at least 2");
  if (!(t0 <= 1)) refuse("t0", "a number above 0 and at most 1");
  if (!(t0 > 0)) refuse("t0", "a number above 0 and at most 1: layer 0 would freeze at iteration 0");
  if (!(power > 0 && Number.isFinite(power))) refuse("power", "a number above 0");
  if (!(baseLr > 0 && Number.isFinite(baseLr))) refuse("baseLr", "a number above 0");
  if (!whole(epochs)) refuse("epochs", "a whole number of at least 1");
  if (!whole(iterationsPerEpoch)) refuse("iterationsPerEpoch", "a whole number of at least 1");
  if (!(lengthPerEpoch > 0 && Number.isFinite(lengthPerEpoch))) refuse("lengthPerEpoch", "a number above 0");
  if (counts && lengthPerEpoch < iterationsPerEpoch) {
    refuse("lengthPerEpoch", `at least the ${iterationsPerEpoch} iterations of an epoch: the head would freeze`);
  }
  const [shortest] = freezeOutLengths(schedule);
  if (shortest < 1) {
    refuse("t0", `a later first freeze: layer 0 would freeze ${shortest.toPrecision(3)} iterations into the run`);
  }
}
