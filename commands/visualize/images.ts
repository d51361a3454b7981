import { UserError } from "../../core/errors.ts";
import { type Mask, randomMask } from "../../core/masking/randomMask.ts";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import { tokenCount } from "../../core/models/config.ts";
import { randomStream } from "../../core/random/stream.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { centerCropBox } from "../../datasets/transforms/centerCrop.ts";
import { loadBatch } from "../../training/batches.ts";
import type { PretrainFacts } from "./model/record.ts";

/** An image as the model gets it. */
export interface Shown {
  /** Index in the split. */
  index: number;
  /** RGB bytes, [S, S, 3]. */
  pixels: Uint8Array;
  mask: Mask;
}

/** `count` indices, evenly spread: images of one class mostly lie side by side. */
export function spread(count: number, length: number): number[] {
  return Array.from({ length: Math.min(count, length) }, (_, i) => Math.floor(i * length / Math.min(count, length)));
}

/**
 * The whole image (its middle square) under the mask of the stream (seed, "mask", 0, index).
 *
 * @param seed of the run
 */
export async function showWhole(model: LocalMimConfig, split: ImageSplit, index: number, seed: number): Promise<Shown> {
  const image = await split.load(index), { imageSize } = model;
  const pixels = await image.crop(centerCropBox(image.width, image.height, imageSize, 1), imageSize);
  return { index, pixels, mask: maskOf(model, seed, 0, index) };
}

/**
 * The image as it was seen in an epoch of pre-training: its crop, its flip and its mask come from the same random streams,
 * which are named by the image's place in the epoch's order.
 *
 * @param split the run's whole training split: its length decides the order
 * @param epoch counted from 0
 * @throws {UserError} when training did not see the image in that epoch
 */
export async function showSeen(
  model: LocalMimConfig,
  split: ImageSplit,
  index: number,
  seed: number,
  epoch: number,
  { epochs, batch, accumulation, cropScale }: PretrainFacts,
): Promise<Shown> {
  const order = randomStream(seed, "shuffle", epoch).permutation(split.length), place = order.indexOf(index);
  const perStep = batch * accumulation, seen = Math.floor(split.length / perStep) * perStep;
  const reason = epoch >= epochs
    ? `training had ${epochs} epochs`
    : place >= seen
    ? `of ${split.length} images the epoch used ${seen}, which fill whole batches, and this is none of them`
    : undefined;
  if (reason) throw new UserError(`Cannot draw image ${index} as in epoch ${epoch + 1}: ${reason}`);
  const options = { seed, batch: 1, imageSize: model.imageSize, cropScale, phase: "pretrain" as const };
  const { pixels } = await loadBatch(split, order, options, epoch, Int32Array.of(place));
  return { index, pixels, mask: maskOf(model, seed, epoch, place) };
}

function maskOf(model: LocalMimConfig, seed: number, epoch: number, place: number): Mask {
  return randomMask(randomStream(seed, "mask", epoch, place), tokenCount(model), model.maskRatio);
}

/**
 * Makes sure that images are there.
 *
 * @throws {UserError} when an index is outside the split
 */
export function checkIndices(indices: readonly number[], split: ImageSplit, name: string): void {
  const wanted = split.length > 0 ? `want 0 … ${split.length - 1}` : "it has none";
  const missing = split.length > 0 ? indices.find((index) => index >= split.length) : indices[0] ?? 0;
  if (missing !== undefined) throw new UserError(`Cannot draw image ${missing} of the ${name} split: ${wanted}`);
}
