import { type ClassifierConfig, classifierInference } from "../core/models/classifier.ts";
import { ALONE } from "../core/parallel/ranks.ts";
import type { Metrics } from "../records/schema.ts";
import { overSplit, type SplitPass } from "./overSplit.ts";
import { Scores } from "./scores.ts";

/**
 * Top-1 and top-5 accuracy in percent, and mean cross-entropy, over a whole split.
 *
 * Ranks share the batches, and the losses are added in the same order, as in one process, so that the numbers are the same
 * in every bit.
 */
export async function evaluate(pass: SplitPass & { model: ClassifierConfig }): Promise<Metrics> {
  const { model, split, ranks = ALONE } = pass, scores = new Scores(split.length); // other ranks' images stay 0
  await overSplit(pass, (batch) => classifierInference(model, batch), "evaluate", ({ logits }, first, count) => {
    scores.add(logits, model.numClasses, split.labels, first, count);
  });
  await ranks.sum("the end of the evaluation");
  await ranks.reduce(scores.found); // exact: to each number the others add zeros
  return scores.metrics();
}
