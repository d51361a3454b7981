import { dropPathFactors } from "../core/models/classifier.ts";
import { tokenCount } from "../core/models/config.ts";
import { blockCount } from "../core/models/hybrid.ts";
import { allTokens, gatherPatches } from "../core/models/patches.ts";
import { groupsOf } from "../core/parallel/share.ts";
import { mixBatch } from "../datasets/transforms/mixBatch.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { randomErasing } from "../datasets/transforms/randomErasing.ts";
import type { ClassifierConfig } from "../core/models/classifier.ts";
import type { Batch } from "./batches.ts";
import type { FinetuneConfig } from "./config.ts";
import { dropPathStream, erasingStream, mixingStream, type StreamPlace } from "./streams.ts";

/**
 * Normalises, erases and mixes a batch, and draws its drop-path factors. An image and its mixing partner meet in one batch,
 * and what is drawn for a group of `config.batch` images hangs on the group: the images come out the same however a group is
 * dealt out to ranks and passes.
 */
export function finetuneFeeds(
  { pixels, labels, places }: Batch,
  { model, config, at }: { model: ClassifierConfig; config: FinetuneConfig; at: StreamPlace },
) {
  const { imageSize, numClasses } = model,
    branches = 2 * blockCount(model),
    count = labels.length,
    length = imageSize * imageSize * 3;
  const images = new Float32Array(pixels.length);
  for (let b = 0; b < count; b++) {
    const offset = b * length;
    toPlanar(pixels.subarray(offset, offset + length), images, offset);
    const random = erasingStream(at, places[b]);
    const image = images.subarray(offset, offset + length);
    randomErasing(random, image, imageSize, imageSize, { prob: config.randomErasing });
  }
  const targets = new Float32Array(count * numClasses), keep = new Float32Array(branches * count);
  for (const { first, from, to } of groupsOf(places, config.batch)) {
    const mixed = mixBatch(
      mixingStream(at, first),
      images.subarray(from * length, to * length),
      [to - from, 3, imageSize, imageSize],
      labels.subarray(from, to),
      numClasses,
      { mixupAlpha: config.mixup, cutmixAlpha: config.cutmix, labelSmoothing: config.labelSmoothing },
    );
    targets.set(mixed.targets, from * numClasses);
    const { uniform } = dropPathStream(at, first);
    const factors = dropPathFactors(uniform, branches / 2, config.batch, config.dropPath); // [branches, batch]
    for (let branch = 0; branch < branches; branch++) {
      for (let b = from; b < to; b++) keep[branch * count + b] = factors[branch * config.batch + places[b] - first];
    }
  }
  return { patches: gatherPatches(images, model, allTokens(count, tokenCount(model))), targets, keep };
}
