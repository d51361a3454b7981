import type { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { type ClassifierConfig, classifierInference } from "../../core/models/classifier.ts";
import { tokenCount } from "../../core/models/config.ts";
import { gatherPatches } from "../../core/models/localmimFeeds.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { centerCropBox } from "../../datasets/transforms/centerCrop.ts";
import { toPlanar } from "../../datasets/transforms/normalize.ts";
import { allTokens } from "./finetune.ts";
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
}

/** Top-1 and top-5 accuracy in percent, and mean cross-entropy, over a whole split. */
export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { engine, model, arena, split, name, monitor } = options, { imageSize, numClasses } = model;
  const batch = Math.min(options.batch, split.length), length = imageSize * imageSize * 3;
  const step = await engine.infer(classifierInference(model, batch), arena);
  const started = performance.now();
  let top1 = 0, top5 = 0, loss = 0;
  try {
    for (let first = 0; first < split.length; first += batch) {
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
        const rank = rankOf(row, label);
        if (rank < 1) top1++;
        if (rank < 5) top5++;
        loss += finite(crossEntropy(row, label), `the evaluation of image ${first + i}`);
      }
      const done = first + count;
      const imagesPerSecond = done * 1000 / (performance.now() - started);
      monitor.step({ phase: "evaluate", done, total: split.length, epoch: 0, imagesPerSecond });
    }
  } finally {
    step.dispose();
  }
  const images = split.length;
  return { split: name, images, top1: 100 * top1 / images, top5: 100 * top5 / images, loss: loss / images };
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
