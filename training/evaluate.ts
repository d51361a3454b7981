import { type ClassifierConfig, classifierInference } from "../core/models/classifier.ts";
import { ALONE } from "../core/parallel/ranks.ts";
import type { Metrics } from "../records/schema.ts";
import { finite } from "./finite.ts";
import { overSplit, type SplitPass } from "./overSplit.ts";

/**
 * Top-1 and top-5 accuracy in percent, and mean cross-entropy, over a whole split.
 *
 * Ranks share the batches, and the losses are added in the same order, as in one process, so that the numbers are the same
 * in every bit.
 */
export async function evaluate(pass: SplitPass & { model: ClassifierConfig }): Promise<Metrics> {
  const { model, split, ranks = ALONE } = pass, { numClasses } = model;
  // Of every image, its label's rank among the classes, then its loss; other ranks' images stay 0.
  const found = new Float64Array(2 * split.length);
  await overSplit(pass, (batch) => classifierInference(model, batch), "evaluate", ({ logits }, first, count) => {
    for (let i = 0; i < count; i++) {
      const row = logits.subarray(i * numClasses, (i + 1) * numClasses), label = split.labels[first + i];
      found[first + i] = rankOf(row, label);
      found[split.length + first + i] = crossEntropy(row, label);
    }
  });
  await ranks.sum("the end of the evaluation");
  await ranks.reduce(found); // exact: to each number the others add zeros
  const images = split.length;
  return metricsOf(found.subarray(0, images), found.subarray(images));
}

/**
 * Accuracies and mean loss of a split.
 *
 * @param labelRanks of every image, how many classes score above its label
 * @param losses of every image
 * @throws {UserError} when a loss is not finite
 */
export function metricsOf(labelRanks: Float64Array, losses: Float64Array): Metrics {
  const images = labelRanks.length;
  losses.forEach((loss, i) => finite(loss, `the evaluation of image ${i}`));
  const within = (k: number) => 100 * labelRanks.filter((rank) => rank < k).length / images;
  return { top1: within(1), top5: within(5), loss: losses.reduce((sum, each) => sum + each, 0) / images };
}

/** How many classes score above the label; ties count against it, so constant logits are never right. */
export function rankOf(logits: Float32Array, label: number): number {
  let rank = 0;
  for (let c = 0; c < logits.length; c++) if (c !== label && !(logits[c] < logits[label])) rank++;
  return rank;
}

/** -log softmax(logits)[label], shifted by the maximum. */
export function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return Math.log(sum) + largest - logits[label];
}
