import type { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import { type ClassifierConfig, classifierInference } from "../core/models/classifier.ts";
import { tokenCount } from "../core/models/config.ts";
import { gatherPatches } from "../core/models/patches.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import { centerCropBox } from "../datasets/transforms/centerCrop.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { allTokens } from "../core/models/patches.ts";
import { finite } from "./finite.ts";
import { breathe, type Monitor } from "./monitor.ts";
import type { Evaluation } from "./record.ts";

/** What is evaluated, and how images are cropped. */
export interface EvaluateOptions {
  engine: Engine;
  model: ClassifierConfig;
  arena: Arena;
  split: ImageSplit;
  /** Name of the split in the record. */
  name: string;
  batch: number;
  testCropRatio: number;
  monitor: Monitor;
  /** The processes that share the images; this one alone unless given. */
  ranks?: Ranks;
}

/**
 * Top-1 and top-5 accuracy in percent, and mean cross-entropy, over a whole split.
 *
 * Ranks share the batches: an image is in the same batch, and the losses are added in the same order, as in one process, so
 * that the numbers are the same in every bit.
 */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { engine, model, arena, split, name, monitor, ranks = ALONE } = options, { imageSize, numClasses } = model;
  const batch = Math.min(options.batch, split.length), length = imageSize * imageSize * 3;
  const step = await engine.infer(classifierInference(model, batch), arena);
  const started = performance.now(), batches = Math.ceil(split.length / batch);
  const [start, end] = [ranks.rank, ranks.rank + 1].map((rank) => Math.floor(batches * rank / ranks.size));
  // Of every image, its label's rank among the classes, then its loss; other ranks' images stay 0.
  const found = new Float64Array(2 * split.length);
  try {
    for (let first = start * batch; first < Math.min(end * batch, split.length); first += batch) {
      await breathe(monitor);
      const images = new Float32Array(batch * length), count = Math.min(batch, split.length - first);
      await Promise.all(Array.from({ length: count }, async (_, i) => {
        const image = await split.load(first + i);
        const box = centerCropBox(image.width, image.height, imageSize, options.testCropRatio);
        toPlanar(await image.crop(box, imageSize), images, i * length);
      }));
      const patches = gatherPatches(images, model, allTokens(batch, tokenCount(model)));
      const { logits } = await step.run({ patches });
      for (let i = 0; i < count; i++) {
        const row = logits.subarray(i * numClasses, (i + 1) * numClasses), label = split.labels[first + i];
        found[first + i] = rankOf(row, label);
        found[split.length + first + i] = crossEntropy(row, label);
      }
      const done = first + count - start * batch;
      const imagesPerSecond = ranks.size * done * 1000 / (performance.now() - started);
      monitor.step({ phase: "evaluate", done, total: (end - start) * batch, epoch: 0, imagesPerSecond });
    }
  } finally {
    step.dispose();
  }
  await ranks.sum("the end of the evaluation");
  await ranks.reduce(found); // exact: to each number the others add zeros
  const images = split.length, labelRanks = found.subarray(0, images), losses = found.subarray(images);
  losses.forEach((loss, i) => finite(loss, `the evaluation of image ${i}`));
  const within = (k: number) => 100 * labelRanks.filter((rank) => rank < k).length / images;
  const loss = losses.reduce((sum, each) => sum + each, 0) / images;
  return { split: name, images, top1: within(1), top5: within(5), loss };
}

/** How many classes score above the label; ties count against it, so constant logits are never right. */
export function rankOf(logits: Float32Array, label: number): number {
  let rank = 0;
  for (let c = 0; c < logits.length; c++) if (c !== label && !(logits[c] < logits[label])) rank++;
  return rank;
}

/** -log softmax(logits)[label], shifted by the maximum. */
function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return Math.log(sum) + largest - logits[label];
}
