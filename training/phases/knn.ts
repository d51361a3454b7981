import { UserError } from "../../core/errors.ts";
import { encoderFault } from "../../core/models/schema.ts";
import { poolFault } from "../../core/probes/features.ts";
import { knnVotes, topAccuracy } from "../../core/probes/knn.ts";
import { type KnnConfig, knnConfigSchema } from "../config.ts";
import { featuresOf } from "../features.ts";
import type { Runner } from "./runner.ts";

/** The votes of the nearest training images by a frozen encoder's features (DINO's weighted k-NN); takes no step. */
export const knn: Runner<KnnConfig> = {
  kind: "knn",
  name: "k-NN",
  config: knnConfigSchema,
  fault: ({ model, pool }) => encoderFault(model) ?? poolFault(model, pool),
  imageSize: ({ model }) => model.imageSize,
  encoder: ({ model }) => model,
  model: () => undefined,
  parameters: () => [],
  batch: () => undefined,
  checkImages({ k }, images) {
    if (k > images) throw new UserError(`Cannot use knn.k ${k}: want at most the ${images} training images`);
  },
  async run(config, work) {
    const { dataset: { train, test, classes } } = work, { k, temperature } = config, numClasses = classes.length;
    const known = await featuresOf(train, config, work), asked = await featuresOf(test, config, work);
    const votes = knnVotes(known.values, known.labels, asked.values, { k, temperature, numClasses });
    const within = (places: number) => topAccuracy(votes, asked.labels, numClasses, places);
    return {
      params: 0,
      imagesPerIteration: 0,
      epochs: [],
      events: [],
      weights: {},
      metrics: { top1: within(1), top5: within(5) },
    };
  },
};
