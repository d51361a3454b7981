import { rankOf } from "../core/probes/rank.ts";
import type { Metrics } from "../records/schema.ts";
import { finite } from "./finite.ts";

/** What a classifier says of images: the rank of each label among the classes, and the loss. */
export class Scores {
  /** Ranks, then losses, [2 · images]; 0 where nothing was added. */
  readonly found: Float64Array<ArrayBuffer>;

  constructor(readonly images: number) {
    this.found = new Float64Array(2 * images);
  }

  /**
   * Adds images whose logits are known.
   *
   * @param logits [count or more, classes]
   * @param labels of all images
   * @param first of these images
   */
  add(logits: Float32Array, classes: number, labels: ArrayLike<number>, first: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const row = logits.subarray(i * classes, (i + 1) * classes), label = labels[first + i];
      this.found[first + i] = rankOf(row, label);
      this.found[this.images + first + i] = crossEntropy(row, label);
    }
  }

  /**
   * Accuracies in percent, and the mean loss.
   *
   * @throws {UserError} when a loss is not finite
   */
  metrics(): Metrics {
    const ranks = this.found.subarray(0, this.images), losses = this.found.subarray(this.images);
    losses.forEach((loss, i) => finite(loss, `the evaluation of image ${i}`));
    const within = (k: number) => 100 * ranks.filter((rank) => rank < k).length / this.images;
    return { top1: within(1), top5: within(5), loss: losses.reduce((sum, each) => sum + each, 0) / this.images };
  }
}

/** -log softmax(logits)[label], shifted by the maximum. */
export function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return Math.log(sum) + largest - logits[label];
}
