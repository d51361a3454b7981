import { CompiledEngine } from "../core/engine/compiled.ts";
import type { Arena } from "../core/engine/arena.ts";
import { holdOut } from "../datasets/heldOut.ts";
import type { TrainConfig } from "../training/config.ts";
import { ConvEvaluation } from "../training/convEvaluate.ts";
import { train, type Trained } from "../training/loop.ts";
import { netOf, trainObjective } from "../training/phases/train.ts";
import { wholeImages } from "../training/wholeImages.ts";
import type { Work } from "../training/work.ts";
import { images, workOf } from "./trainingTools.ts";

/** Classes of the images. */
export const CLASSES = images.classes.length;

/** Three epochs of five steps; t0 0.5 linear, so that three of five layers freeze within them. */
export const SGD: TrainConfig = {
  net: { name: "wrn", depth: 10, widen: 0.25, imageSize: 32 },
  epochs: 3,
  batch: 4,
  accumulation: 1,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true },
  lr: 0.05,
  weightDecay: 1e-3,
  padding: 4,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  validation: 4,
  epochLength: null,
  freeze: { t0: 0.5, power: 1, scaled: true },
};
/** The same with two micro-batches a step, and another network. */
export const ADAMW: TrainConfig = {
  ...SGD,
  batch: 2,
  accumulation: 2,
  optimizer: { kind: "adamw", betas: [0.9, 0.999], eps: 1e-8 },
  lr: 0.01,
  net: { name: "densenet", depth: 10, growth: 4, bottleneck: true, imageSize: 32 },
};
/** Steps of either. */
export const STEPS = 15;

const pause = () => Promise.resolve();
const parts = holdOut(images.train, SGD.validation);
const known = await wholeImages(parts.train, 32, pause);
const heldOut = await wholeImages(parts.validation, 32, pause);

/** One thread, so that no run starts others. */
const engine = new CompiledEngine(1);

/** Trains a network, as the phase does. */
export async function run(config: TrainConfig, changed: Partial<Work> = {}): Promise<Trained> {
  const work = workOf({ engine, ...changed }), { net, config: model } = netOf(config, CLASSES), { mean, std } = config;
  const evaluation = new ConvEvaluation(work.engine, net, model, { mean, std }, work.monitor);
  try {
    const validation = (arena: Arena) => evaluation.metrics(arena, heldOut);
    return await train(trainObjective(config, { train: known, validation }, CLASSES, work.seed), work);
  } finally {
    evaluation.dispose();
  }
}
