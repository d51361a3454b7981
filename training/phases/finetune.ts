import { countOf } from "../../core/engine/program.ts";
import {
  type ClassifierConfig,
  classifierParameters,
  classifierProgram,
  sourceOf,
  transferredParameters,
} from "../../core/models/classifier.ts";
import { initialize } from "../../core/models/init.ts";
import { encoderFault } from "../../core/models/schema.ts";
import { decaysInFinetuning, layerDecayFactor } from "../../core/optim/groups.ts";
import { cosineSchedule } from "../../core/schedules/cosine.ts";
import { randAugment } from "../../datasets/transforms/randAugment/randAugment.ts";
import { type Batch, epochBatches, iterationsPerEpoch } from "../batches.ts";
import { type FinetuneConfig, finetuneConfigSchema } from "../config.ts";
import { evaluate } from "../evaluate.ts";
import { finetuneFeeds } from "../finetuneFeeds.ts";
import { train } from "../loop.ts";
import type { Objective, Stretch } from "../objective.ts";
import { randAugmentStream } from "../streams.ts";
import type { Work } from "../work.ts";
import type { Runner } from "./runner.ts";

const KIND = "finetune", NAME = "fine-tuning";

/**
 * Fine-tuning of a classifier on a pre-trained encoder (the recipe of LocalMIM, which thesis 4.4 and paper 4.2 use), as the
 * loop sees it; without `from`, training from scratch.
 */
export function finetuneObjective(
  config: FinetuneConfig,
  { dataset, seed, from }: Pick<Work, "dataset" | "seed" | "from">,
): Objective<Batch> {
  const model: ClassifierConfig = { ...config.model, numClasses: dataset.classes.length };
  const { imageSize } = model, { batch, accumulation } = config, split = dataset.train;
  const parameters = classifierParameters(model), perEpoch = iterationsPerEpoch(split.length, batch, accumulation);
  const groups = parameters.map((spec) => ({
    name: spec.name,
    factor: layerDecayFactor(spec.name, model.depth, config.layerDecay, model.swin),
    weightDecay: decaysInFinetuning(spec) ? config.weightDecay : 0,
  }));
  const schedule = {
    baseLr: config.lr,
    minLr: config.minLr,
    warmupIterations: config.warmupEpochs * perEpoch,
    iterations: perEpoch * config.epochs,
  };
  const augment = (pixels: Uint8Array, epoch: number, place: number) =>
    randAugment(randAugmentStream({ kind: KIND, seed, epoch }, place), pixels, imageSize, imageSize);
  let made: { stretch: Stretch; images: number } | undefined;
  return {
    kind: KIND,
    name: NAME,
    parameters,
    epochs: config.epochs,
    iterationsPerEpoch: perEpoch,
    batch: { batch, accumulation },
    optimizer: { kind: "adamw", ...config },
    parts: ["step", "optimizer"],
    losses: ["loss"],
    initialize(arena) {
      initialize(arena, parameters, seed);
      if (!from) return;
      const learned = from.has("pos_embed") ? ["pos_embed"] : [];
      for (const name of [...transferredParameters(model), ...learned]) {
        arena.view(name).set(from.view(sourceOf(name, (own) => from.has(own))));
      }
    },
    batches(epoch, count, start, places) {
      const options = {
        ...config,
        kind: KIND,
        seed,
        imageSize,
        places,
        ...(config.randAugment && { augment }),
      } as const;
      return epochBatches(split, options, epoch, count, start);
    },
    stretch(_iteration, images) {
      if (made?.images !== images) {
        const program = classifierProgram(model, images), gradients = parameters.map(({ name }) => name);
        made = { images, stretch: { program, gradients, losses: ["loss"] } };
      }
      return made.stretch;
    },
    feeds(batch, epoch, _stretch, clock) {
      const feeds = finetuneFeeds(batch, { model, config, at: { kind: KIND, seed, epoch } });
      clock.mark("inputs");
      return feeds;
    },
    updates(iteration) {
      const lr = cosineSchedule(schedule, iteration);
      return groups.map(({ name, factor, weightDecay }) => ({ name, weightDecay, lr: lr * factor }));
    },
    events: () => [],
    facts: (iteration) => ({ rates: [cosineSchedule(schedule, iteration)] }),
  };
}

/** Training of a classifier, of whose encoder all parameters change; evaluated at the end. */
export const finetune: Runner<FinetuneConfig> = {
  kind: KIND,
  name: NAME,
  config: finetuneConfigSchema,
  fault: ({ model }) => encoderFault(model),
  imageSize: ({ model }) => model.imageSize,
  encoder: ({ model }) => model,
  model: ({ model }, numClasses) => ({ kind: "classifier", config: { ...model, numClasses } }),
  parameters: ({ model }, numClasses) => classifierParameters({ ...model, numClasses }),
  batch: ({ batch, accumulation, mixup, cutmix }) => ({ batch, accumulation, pairs: mixup > 0 || cutmix > 0 }),
  async run(config, work) {
    const { engine, monitor, dataset, ranks } = work, numClasses = dataset.classes.length;
    const trained = await train(finetuneObjective(config, work), work), { batch, testCropRatio } = config;
    const model = { ...config.model, numClasses };
    const metrics = await evaluate({
      engine,
      monitor,
      model,
      arena: trained.arena,
      split: dataset.test,
      batch,
      testCropRatio,
      ranks,
    });
    const imagesPerIteration = batch * config.accumulation;
    return { ...trained, params: countOf(classifierParameters(model)), imagesPerIteration, metrics };
  },
};
