import { UserError } from "../errors.ts";

/** The images of one optimiser step, as a configuration names them: `accumulation` groups of `batch` images. */
export interface GlobalBatch {
  batch: number;
  accumulation: number;
}

/** What one rank does of every optimiser step. */
export interface Share {
  /** Forward and backward passes of this rank per step. */
  passes: number;
  /** Images of a pass. */
  images: number;
  /** Passes of all ranks per step; the step's gradient is their mean. */
  total: number;
  /** Places, within an epoch, of the images of this rank's k-th pass of the epoch; ascending. */
  places(k: number): Int32Array;
}

/**
 * Deals the images of every optimiser step out to ranks and passes. Step, order and what is drawn for an image are those of
 * one process, whatever the number of ranks: they hang on an image's place alone.
 *
 * A group's images i and batch - 1 - i stay together, since mixup and CutMix mix these two; with whole groups per pass the
 * places simply follow one another.
 *
 * @param accum passes per rank and step; without it the configuration's groups are dealt out, or, where their number is no
 *   multiple of the ranks, each group is
 * @throws {UserError} when the images cannot be dealt out evenly
 */
export function shareOf(global: GlobalBatch, rank = 0, size = 1, accum?: number): Share {
  const { batch, accumulation } = global, all = batch * accumulation;
  const passes = accum ?? (accumulation % size === 0 ? accumulation / size : accumulation), total = passes * size;
  if (all % total !== 0) {
    const among = [size > 1 ? `${size} ranks` : "", passes > 1 || size === 1 ? `${passes} passes` : ""];
    throw new UserError(
      `Cannot share ${batch} x ${accumulation} images among ${among.filter(Boolean).join(" of ")}: ` +
        `${all} is no multiple of ${total}, want another number of ranks, --accum or batch`,
    );
  }
  const images = all / total;
  return {
    passes,
    images,
    total,
    places(k) {
      const step = Math.floor(k / passes), pass = rank * passes + k % passes;
      const inStep = Int32Array.from({ length: images }, (_, i) => pairOrder(global, pass * images + i));
      return inStep.sort().map((place) => step * all + place);
    },
  };
}

/** The i-th image of a step when every group is listed from its two ends: 0, batch - 1, 1, batch - 2, … */
function pairOrder({ batch }: GlobalBatch, i: number): number {
  const group = Math.floor(i / batch), within = i % batch, half = Math.floor(within / 2);
  return group * batch + (within % 2 === 0 ? half : batch - 1 - half);
}

/**
 * The runs of places that belong to the same group of `batch` images.
 *
 * @param places ascending
 * @returns for each: the group's first place in the epoch, and where its images begin and end in `places`
 */
export function groupsOf(places: ArrayLike<number>, batch: number): { first: number; from: number; to: number }[] {
  const groups: { first: number; from: number; to: number }[] = [];
  for (let i = 0; i < places.length; i++) {
    const first = Math.floor(places[i] / batch) * batch, last = groups.at(-1);
    if (last?.first === first) last.to = i + 1;
    else groups.push({ first, from: i, to: i + 1 });
  }
  return groups;
}
