import { UserError } from "../core/errors.ts";
import type { ImageSplit } from "./dataset.ts";

/** A part of a split, by the places of its images there. */
function partOf(split: ImageSplit, places: readonly number[]): ImageSplit {
  return {
    length: places.length,
    labels: Int32Array.from(places, (place) => split.labels[place]),
    load: (index) => split.load(places[index]),
  };
}

/**
 * Holds images out of a split for validation: the last ones in published order, as FreezeOut's utils.py does with CIFAR; where
 * images have no such order, the last ones of each class, as many of each, give or take one.
 *
 * @param count images to hold out; 0: none
 * @throws {UserError} when nothing would be left to train on
 */
export function holdOut(split: ImageSplit, count: number): { train: ImageSplit; validation: ImageSplit } {
  if (count >= split.length) {
    throw new UserError(`Cannot hold out ${count} images for validation: the training set has ${split.length}`);
  }
  const last = new Set(split.published ? lastPublished(split.published, count) : lastOfClasses(split.labels, count));
  const places = Array.from({ length: split.length }, (_, place) => place);
  return {
    train: partOf(split, places.filter((place) => !last.has(place))),
    validation: partOf(split, places.filter((place) => last.has(place))),
  };
}

function lastPublished(published: Int32Array, count: number): number[] {
  return [...published.keys()].sort((a, b) => published[b] - published[a]).slice(0, count);
}

/** Dealt out in turn, each class from its end. */
function lastOfClasses(labels: Int32Array, count: number): number[] {
  const classes = [...Map.groupBy(labels.keys(), (place) => labels[place])].sort(([a], [b]) => a - b)
    .map(([, places]) => places);
  const last: number[] = [];
  while (last.length < count) {
    for (const places of classes) {
      const place = last.length < count ? places.pop() : undefined;
      if (place !== undefined) last.push(place);
    }
  }
  return last;
}
