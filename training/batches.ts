import { UserError } from "../core/errors.ts";
import type { CropBox, ImageSplit } from "../datasets/dataset.ts";
import { flipHorizontal } from "../datasets/transforms/flip.ts";
import { randomResizedCropBox } from "../datasets/transforms/randomResizedCrop.ts";
import { cropStream, orderStream, type StreamPlace } from "./streams.ts";

/** Augmented images of one micro-batch. */
export interface Batch {
  /** RGB bytes, [B, S, S, 3]. */
  pixels: Uint8Array;
  /** Class of every image, [B]. */
  labels: Int32Array;
  /** Place of every image in its epoch; with the epoch it names the random streams of the image. */
  places: Int32Array;
  /** What was cut out of each image, [B]. */
  crops: Crop[];
  /** Of all patches what is given as the target, where it is: a teacher's features, [B, N, dim], or words, [B, N]. */
  given?: Float32Array;
}

/** What a batch shows of an image. */
export interface Crop {
  /** Index of the image in its split. */
  index: number;
  /** The whole image's size in pixels. */
  width: number;
  height: number;
  box: CropBox;
  /** Whether left and right are changed. */
  flip: boolean;
}

/** What decides which images a batch holds and how they are cropped. */
export interface BatchOptions extends Omit<StreamPlace, "epoch"> {
  /** Images per micro-batch. */
  batch: number;
  imageSize: number;
  cropScale: readonly [number, number];
  /** Places of the epoch that an image has, side by side, each with a crop of its own; 1 unless given. */
  cropsPerImage?: number;
  /** Changes one cropped image in place or returns a new one; e.g. RandAugment. */
  augment?: (pixels: Uint8Array, epoch: number, place: number) => Uint8Array;
  /** Places of the images of the epoch's k-th micro-batch; without it they follow one another. */
  places?: (k: number) => Int32Array;
}

/**
 * Optimiser steps per epoch; the last images of an epoch that fill no whole batch are left out, as in the released code.
 *
 * @param cropsPerImage how often each image comes in the epoch
 * @throws {UserError} when one batch needs more images than there are
 */
export function iterationsPerEpoch(images: number, batch: number, accumulation: number, cropsPerImage = 1): number {
  const count = images * cropsPerImage;
  if (batch * accumulation > count) {
    const wanted = accumulation > 1 ? `${batch} x ${accumulation} accumulated images` : `${batch} images`;
    const each = cropsPerImage > 1 ? `, each of them ${cropsPerImage} times` : "";
    throw new UserError(`Cannot fill a batch of ${wanted}: the training set has ${images}${each}`);
  }
  return Math.floor(count / (batch * accumulation));
}

/** So many places from `first` on. */
export function consecutive(first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}

/** Makes one micro-batch: random resized crop (bicubic) and flip of each image, by the image's own random stream. */
export async function loadBatch(
  split: ImageSplit,
  order: Int32Array,
  options: BatchOptions,
  epoch: number,
  places: Int32Array,
): Promise<Batch> {
  const { imageSize, cropScale, cropsPerImage = 1, augment } = options,
    bytes = imageSize * imageSize * 3,
    at = { ...options, epoch };
  const pixels = new Uint8Array(places.length * bytes), labels = new Int32Array(places.length);
  const crops = new Array<Crop>(places.length);
  await Promise.all(Array.from(places, async (place, i) => {
    const random = cropStream(at, place), index = order[Math.floor(place / cropsPerImage)];
    const image = await split.load(index);
    const box = randomResizedCropBox(random, image.width, image.height, { scale: cropScale });
    const flip = random.uniform() < 0.5;
    const cropped = await image.crop(box, imageSize);
    if (flip) flipHorizontal(cropped, imageSize);
    pixels.set(augment ? augment(cropped, epoch, place) : cropped, i * bytes);
    labels[i] = split.labels[index];
    crops[i] = { index, width: image.width, height: image.height, box, flip };
  }));
  return { pixels, labels, places, crops };
}

/**
 * The micro-batches of one epoch in order. The next ones are already being decoded while a batch is used.
 *
 * @param start micro-batches of the epoch that were used before
 * @param ahead how many batches are prepared ahead
 */
export async function* epochBatches(
  split: ImageSplit,
  options: BatchOptions,
  epoch: number,
  count: number,
  start = 0,
  ahead = 2,
): AsyncGenerator<Batch> {
  const order = orderStream({ ...options, epoch }).permutation(split.length);
  const pending: Promise<Batch>[] = [];
  const places = options.places ?? ((k: number) => consecutive(k * options.batch, options.batch));
  let started = start;
  try {
    for (let i = start; i < count; i++) {
      while (started < count && started <= i + ahead) {
        const loading = loadBatch(split, order, options, epoch, places(started++));
        loading.catch(() => {}); // reported when its turn comes
        pending.push(loading);
      }
      yield await pending.shift()!;
    }
  } finally {
    await Promise.allSettled(pending);
  }
}
