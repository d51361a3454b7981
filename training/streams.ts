import { type Random, randomStream } from "../core/random/stream.ts";
import type { PhaseKind } from "../records/phase.ts";

// Every name of a random stream of training, once. A stream is found by its name, so no two purposes may share one.

/** Seed of procedural images and of the choice of a subset: all runs and seeds see the same data. */
export const DATA_SEED = 0;

/** Epochs of each kind of phase are counted from here, so no stream serves two phases of one seed. */
const FIRST_EPOCH: Record<PhaseKind, number> = {
  pretrain: 0,
  finetune: 1 << 20,
  linear: 2 << 20,
  knn: 3 << 20,
  train: 4 << 20,
};

/** The phase, seed and epoch that a stream belongs to. */
export interface StreamPlace {
  kind: PhaseKind;
  seed: number;
  epoch: number;
}

const named = ({ kind, epoch }: StreamPlace) => FIRST_EPOCH[kind] + epoch;

/** The order of an epoch's images. */
export function orderStream(at: StreamPlace): Random {
  return randomStream(at.seed, "shuffle", named(at));
}

/** Crop and flip of the image at a place of the epoch. */
export function cropStream(at: StreamPlace, place: number): Random {
  return randomStream(at.seed, "augment", named(at), place);
}

/** RandAugment of the image at a place. */
export function randAugmentStream(at: StreamPlace, place: number): Random {
  return randomStream(at.seed, "augment", named(at), place, 1);
}

/** Random erasing of the image at a place. */
export function erasingStream(at: StreamPlace, place: number): Random {
  return randomStream(at.seed, "augment", named(at), place, 2);
}

/** The mask of a view, from 0, of the image at a place. */
export function maskStream(at: StreamPlace, place: number, view: number): Random {
  return randomStream(at.seed, "mask", named(at), place, view);
}

/** Mixup and CutMix of the group of images whose first place is this. */
export function mixingStream(at: StreamPlace, first: number): Random {
  return randomStream(at.seed, "mixup", named(at), first);
}

/** Dropout of the group of images whose first place is this. */
export function dropoutStream(at: StreamPlace, first: number): Random {
  return randomStream(at.seed, "dropPath", named(at), first, 1);
}

/** Drop-path factors of the group of images whose first place is this. */
export function dropPathStream(at: StreamPlace, first: number): Random {
  return randomStream(at.seed, "dropPath", named(at), first);
}
