import { padCrop } from "../datasets/transforms/padCrop.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import type { Normalisation } from "./config.ts";
import { cropStream, orderStream, type StreamPlace } from "./streams.ts";
import type { WholeImages } from "./wholeImages.ts";

/** Augmented images of one micro-batch, ready for the network. */
export interface ConvBatch {
  /** Normalised, [B, 3, S, S]. */
  images: Float32Array<ArrayBuffer>;
  /** Class of every image, [B]. */
  labels: Int32Array;
  /** Place of the first image in its epoch; with the epoch it names the random stream of the batch. */
  first: number;
}

/** How images are cut and normalised. */
export interface ConvBatchOptions {
  imageSize: number;
  /** Black pixels around an image before it is cut; 0: it is mirrored only. */
  padding: number;
  normalisation: Normalisation;
}

/**
 * The micro-batches of one epoch in order, from images in memory; an image's cut and mirror image come from the stream of
 * its place in the epoch.
 *
 * @param places of the images of the epoch's k-th micro-batch
 * @param start micro-batches of the epoch that were used before
 */
export async function* convBatches(
  { pixels, labels }: WholeImages,
  { imageSize, padding, normalisation: { mean, std } }: ConvBatchOptions,
  at: StreamPlace,
  { count, start, places }: { count: number; start: number; places: (k: number) => Int32Array },
): AsyncGenerator<ConvBatch> {
  const order = orderStream(at).permutation(labels.length), bytes = imageSize * imageSize * 3;
  for (let k = start; k < count; k++) {
    const chosen = places(k), images = new Float32Array(chosen.length * bytes);
    chosen.forEach((place, i) => {
      const random = cropStream(at, place), image = order[place];
      const [top, left] = [random.integer(2 * padding + 1), random.integer(2 * padding + 1)];
      const flip = random.uniform() < 0.5, whole = pixels.subarray(image * bytes, (image + 1) * bytes);
      toPlanar(padCrop(whole, imageSize, { padding, top, left, flip }), images, i * bytes, mean, std);
    });
    yield await Promise.resolve({
      images,
      labels: Int32Array.from(chosen, (place) => labels[order[place]]),
      first: chosen[0],
    });
  }
}
