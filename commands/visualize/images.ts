import { UserError } from "../../core/errors.ts";
import { type Mask } from "../../core/masking/randomMask.ts";
import type { MethodView } from "../../core/methods/view.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { centerCropBox } from "../../datasets/transforms/centerCrop.ts";
import { iterationsPerEpoch, loadBatch } from "../../training/batches.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { maskStream, orderStream, type StreamPlace } from "../../training/streams.ts";

const KIND = "pretrain";

/** An image as the model gets it. */
export interface Shown {
  /** Index in the split. */
  index: number;
  /** RGB bytes, [S, S, 3]. */
  pixels: Uint8Array;
  /** Of each view. */
  masks: Mask[];
}

/** What images are shown for. */
export interface ShowOptions {
  view: Pick<MethodView, "masks">;
  /** Side of the model's images in pixels. */
  imageSize: number;
  /** Seed of the phase. */
  seed: number;
}

/** `count` indices, evenly spread: images of one class mostly lie side by side. */
export function spread(count: number, length: number): number[] {
  return Array.from({ length: Math.min(count, length) }, (_, i) => Math.floor(i * length / Math.min(count, length)));
}

/** The whole image (its middle square) under the masks that pre-training has for this place in its first epoch. */
export async function showWhole(split: ImageSplit, index: number, options: ShowOptions): Promise<Shown> {
  const image = await split.load(index), { imageSize, seed } = options;
  const pixels = await image.crop(centerCropBox(image.width, image.height, imageSize, 1), imageSize);
  return { index, pixels, masks: masksOf(options, { kind: KIND, seed, epoch: 0 }, index) };
}

/**
 * The image as it was seen in an epoch of pre-training: its crop, its flip and its masks come from the same random streams,
 * which are named by the image's place in the epoch's order.
 *
 * @param split the phase's whole training split: its length decides the order
 * @param epoch counted from 0
 * @throws {UserError} when training did not see the image in that epoch
 */
export async function showSeen(
  split: ImageSplit,
  index: number,
  options: ShowOptions,
  epoch: number,
  { epochs, batch, accumulation, cropScale, cropsPerImage = 1 }: Pick<
    PretrainConfig,
    "epochs" | "batch" | "accumulation" | "cropScale" | "cropsPerImage"
  >,
): Promise<Shown> {
  const { imageSize, seed } = options, at = { kind: KIND, seed, epoch } as const;
  const order = orderStream(at).permutation(split.length), place = order.indexOf(index) * cropsPerImage;
  const seen = iterationsPerEpoch(split.length, batch, accumulation, cropsPerImage) * batch * accumulation;
  const reason = epoch >= epochs
    ? `training had ${epochs} epochs`
    : place >= seen
    ? `of ${split.length} images the epoch used ${seen}, which fill whole batches, and this is none of them`
    : undefined;
  if (reason) throw new UserError(`Cannot draw image ${index} as in epoch ${epoch + 1}: ${reason}`);
  const { pixels } = await loadBatch(
    split,
    order,
    { kind: KIND, seed, batch: 1, imageSize, cropScale, cropsPerImage },
    epoch,
    Int32Array.of(place),
  );
  return { index, pixels, masks: masksOf(options, at, place) };
}

function masksOf({ view }: ShowOptions, at: StreamPlace, place: number): Mask[] {
  return view.masks((each) => maskStream(at, place, each));
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
