import { type Arena } from "../../core/engine/arena.ts";
import { countOf } from "../../core/engine/program.ts";
import { initialize } from "../../core/models/init.ts";
import { encoderFault } from "../../core/models/schema.ts";
import { decaysInPretraining, scaleLr } from "../../core/optim/groups.ts";
import type { OptimizerConfig } from "../../core/optim/createOptimizer.ts";
import { ALONE } from "../../core/parallel/ranks.ts";
import { initialStatistics, updateStatistics } from "../../core/probes/batchStatistics.ts";
import { poolFault } from "../../core/probes/features.ts";
import {
  type LinearProbeConfig,
  linearProbeInference,
  linearProbeParameters,
  linearProbeProgram,
  linearProbeTensors,
  RUNNING_MEAN,
  RUNNING_VARIANCE,
} from "../../core/probes/linearProbe.ts";
import { cosineSchedule } from "../../core/schedules/cosine.ts";
import type { Metrics } from "../../records/schema.ts";
import { iterationsPerEpoch } from "../batches.ts";
import { type LinearConfig, linearConfigSchema } from "../config.ts";
import { type Features, featuresOf } from "../features.ts";
import { train } from "../loop.ts";
import { breathe } from "../monitor.ts";
import type { Objective } from "../objective.ts";
import { Scores } from "../scores.ts";
import { orderStream } from "../streams.ts";
import type { Work } from "../work.ts";
import type { Runner } from "./runner.ts";

const KIND = "linear", NAME = "the linear probe";

/** Rows of features, with their classes. */
interface Rows {
  features: Float32Array;
  targets: Float32Array;
}

/**
 * A linear classifier on frozen features, as the loop sees it: MAE's recipe, which DMJD uses, but on whole images instead of random
 * crops and flips.
 */
export function linearObjective(
  config: LinearConfig,
  { values, labels, dim }: Features,
  numClasses: number,
  seed: number,
): Objective<Rows> {
  const head: LinearProbeConfig = { featureDim: dim, numClasses }, trained = linearProbeParameters(head);
  const gradients = trained.map(({ name }) => name), { batch } = config;
  const perEpoch = iterationsPerEpoch(labels.length, batch, 1), program = linearProbeProgram(head, batch);
  const stretch = { program, gradients, losses: ["loss"] };
  const schedule = {
    baseLr: scaleLr(config.baseLr, batch),
    minLr: 0,
    warmupIterations: config.warmupEpochs * perEpoch,
    iterations: perEpoch * config.epochs,
  };
  return {
    kind: KIND,
    name: NAME,
    parameters: linearProbeTensors(head),
    epochs: config.epochs,
    iterationsPerEpoch: perEpoch,
    batch: { batch, accumulation: 1 },
    optimizer: optimizerOf(config),
    parts: ["step", "optimizer"],
    losses: ["loss"],
    initialize(arena) {
      initialize(arena, trained, seed);
      arena.view(RUNNING_VARIANCE).set(initialStatistics(dim).variance);
    },
    async *batches(epoch, count, start) {
      const order = orderStream({ kind: KIND, seed, epoch }).permutation(labels.length);
      for (let i = start; i < count; i++) {
        const features = new Float32Array(batch * dim), targets = new Float32Array(batch * numClasses);
        order.subarray(i * batch, (i + 1) * batch).forEach((row, b) => {
          features.set(values.subarray(row * dim, (row + 1) * dim), b * dim);
          targets[b * numClasses + labels[row]] = 1;
        });
        yield await Promise.resolve({ features, targets });
      }
    },
    stretch: () => stretch,
    feeds: ({ features, targets }) => ({ features, targets }),
    absorb({ mean, variance }, arena) {
      const running = { mean: arena.view(RUNNING_MEAN), variance: arena.view(RUNNING_VARIANCE) };
      const now = updateStatistics(running, { mean, variance }, batch);
      running.mean.set(now.mean);
      running.variance.set(now.variance);
    },
    updates(iteration) {
      const lr = cosineSchedule(schedule, iteration);
      return trained.map((spec) => ({
        name: spec.name,
        lr,
        weightDecay: decaysInPretraining(spec) ? config.weightDecay : 0,
      }));
    },
    events: () => [],
    facts: (iteration) => ({ rates: [cosineSchedule(schedule, iteration)] }),
  };
}

function optimizerOf({ optimizer, momentum }: LinearConfig): OptimizerConfig {
  return optimizer === "lars" ? { kind: "lars", momentum, trust: 0.001 } : { kind: "sgd", momentum, nesterov: false };
}

/** Accuracies of the head on features, with the running statistics of its normalisation. */
async function evaluateHead(
  { values, labels, dim }: Features,
  numClasses: number,
  arena: Arena,
  { engine, monitor }: Work,
): Promise<Metrics> {
  const images = labels.length, batch = Math.min(256, images), scores = new Scores(images);
  const step = await engine.infer(linearProbeInference({ featureDim: dim, numClasses }, batch), arena);
  try {
    for (let first = 0; first < images; first += batch) {
      await breathe(monitor);
      const features = new Float32Array(batch * dim);
      features.set(values.subarray(first * dim, Math.min(first + batch, images) * dim));
      const { logits } = await step.run({
        features,
        mean: arena.view(RUNNING_MEAN),
        variance: arena.view(RUNNING_VARIANCE),
      });
      scores.add(logits, numClasses, labels, first, Math.min(batch, images - first));
    }
  } finally {
    step.dispose();
  }
  return scores.metrics();
}

/** A linear classifier on the features of a frozen encoder, which are computed once: every image whole, not cropped at random. */
export const linear: Runner<LinearConfig> = {
  kind: KIND,
  name: NAME,
  config: linearConfigSchema,
  fault: ({ model, pool }) => encoderFault(model) ?? poolFault(model, pool),
  imageSize: ({ model }) => model.imageSize,
  encoder: ({ model }) => model,
  model: ({ model, pool }, numClasses) => ({ kind: KIND, config: { ...model, pool, numClasses } }),
  parameters: ({ model }, numClasses) => linearProbeTensors({ featureDim: model.embedDim, numClasses }),
  batch: () => undefined,
  checkImages: ({ batch }, images) => void iterationsPerEpoch(images, batch, 1),
  async run(config, work) {
    const { dataset, seed } = work, numClasses = dataset.classes.length;
    const known = await featuresOf(dataset.train, config, work), asked = await featuresOf(dataset.test, config, work);
    // A head is trained in no time: every rank trains the same one.
    const alone = { ...work, ranks: ALONE, accum: undefined };
    const trained = await train(linearObjective(config, known, numClasses, seed), alone);
    const metrics = await evaluateHead(asked, numClasses, trained.arena, alone);
    const params = countOf(linearProbeParameters({ featureDim: known.dim, numClasses }));
    return { ...trained, params, imagesPerIteration: config.batch, metrics };
  },
};
