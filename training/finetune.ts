import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { Step } from "../core/engine/program.ts";
import {
  type ClassifierConfig,
  classifierParameters,
  classifierProgram,
  transferredParameters,
} from "../core/models/classifier.ts";
import { initialize } from "../core/models/init.ts";
import { decaysInFinetuning, layerDecayFactor } from "../core/optim/groups.ts";
import { randomStream } from "../core/random/stream.ts";
import { cosineSchedule } from "../core/schedules/cosine.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import { randAugment } from "../datasets/transforms/randAugment/randAugment.ts";
import { type Batch, epochBatches, iterationsPerEpoch } from "./batches.ts";
import { type Boundary, type Keeper, keepOnAbort } from "./checkpoint/keeper.ts";
import type { FinetuneProgress } from "./checkpoint/progress.ts";
import { Clock } from "./clock.ts";
import type { FinetuneConfig } from "./config.ts";
import { finetuneFeeds } from "./finetuneFeeds.ts";
import { finite } from "./finite.ts";
import { breathe, type Monitor } from "./monitor.ts";
import type { FinetuneEpoch } from "./record.ts";
import { stepSeconds } from "../records/stepSeconds.ts";
import { sameWeights } from "./sameOnAll.ts";
import { createWork, ownShare, type Sharing, type Work } from "./work.ts";

/** Everything a fine-tuning run is made of. */
export interface FinetuneOptions extends Sharing {
  engine: Engine;
  model: ClassifierConfig;
  config: FinetuneConfig;
  /** The pre-trained encoder; none: training from scratch. */
  pretrained?: Arena;
  split: ImageSplit;
  seed: number;
  monitor: Monitor;
  /** Keeps checkpoints, and knows where to go on; none: the run cannot be resumed. */
  keeper?: Keeper<FinetuneProgress>;
}

/** The parts of a step that are measured. */
type Part = keyof FinetuneEpoch["seconds"];

const NO_SUMS: FinetuneProgress["sums"] = { loss: 0, lr: 0, seconds: {}, wall: 0 };

/** A fine-tuned classifier and the record of its training. */
export interface Finetuned {
  arena: Arena;
  epochs: FinetuneEpoch[];
}

/** Fine-tunes a classifier on a pre-trained encoder (the recipe of LocalMIM, which thesis 4.4 and paper 4.2 use). */
export async function finetune(options: FinetuneOptions): Promise<Finetuned> {
  const { engine, model, config, monitor, keeper } = options, share = ownShare(config, options);
  const arena = createArena(options, share.passes), restored = await keeper?.restore(arena);
  const work = await createWork(arena, share, options);
  const step = await engine.train(classifierProgram(model, share.images), arena, arena.names());
  try {
    return await keepOnAbort(
      keeper,
      monitor.signal,
      (reached) => trainEpochs(options, { ...work, step }, restored, reached),
    );
  } finally {
    step.dispose();
    work.adamw.dispose();
  }
}

async function trainEpochs(
  options: FinetuneOptions,
  { arena, share, ranks, adamw, exchange, step }: Work & { step: Step },
  restored: Omit<Boundary<FinetuneProgress>, "arena"> | undefined,
  reached: (boundary: Boundary<FinetuneProgress>) => Promise<void>,
): Promise<Finetuned> {
  const { model, config, split, monitor, keeper } = options, { batch, accumulation } = config, { passes } = share;
  const perEpoch = iterationsPerEpoch(split.length, batch, accumulation), iterations = perEpoch * config.epochs;
  const names = arena.names(), first = restored?.iteration ?? 0, epochs = restored?.progress.epochs ?? [];
  const groups = classifierParameters(model).map((spec) => ({
    name: spec.name,
    factor: layerDecayFactor(spec.name, model.depth, config.layerDecay),
    weightDecay: decaysInFinetuning(spec) ? config.weightDecay : 0,
  }));
  const schedule = {
    baseLr: config.lr,
    minLr: config.minLr,
    warmupIterations: config.warmupEpochs * perEpoch,
    iterations,
  };
  for (let epoch = Math.floor(first / perEpoch); epoch < config.epochs; epoch++) {
    const from = Math.max(0, first - epoch * perEpoch), before = from > 0 ? restored!.progress.sums : NO_SUMS;
    const clock = new Clock<Part>(["step", "optimizer"], before);
    let { loss, lr, exchangedBytes = 0 } = before;
    const progress = (): FinetuneProgress => ({
      epochs: [...epochs],
      sums: {
        loss,
        lr,
        seconds: { ...clock.seconds },
        wall: clock.wall(),
        ...(exchangedBytes > 0 && { exchangedBytes }),
      },
    });
    const taken = { ...batchOptions(options), places: share.places };
    const batches = epochBatches(split, taken, epoch, perEpoch * passes, from * passes);
    for (let i = from; i < perEpoch; i++) {
      const iteration = epoch * perEpoch + i, where = `fine-tuning step ${iteration + 1}`;
      await reached({ arena, iteration, progress: progress() });
      let own = 0;
      for (let micro = 0; micro < passes; micro++) {
        const batch = (await batches.next()).value as Batch;
        await breathe(monitor);
        const feeds = finetuneFeeds(batch, options, epoch);
        clock.start();
        own += (await step.run(feeds)).loss[0];
        adamw.accumulate(names, micro);
        clock.mark("step");
      }
      loss += finite((await ranks.sum(where, [own]))[0] / share.total, where);
      lr = cosineSchedule(schedule, iteration);
      const updates = groups.map(({ name, factor, weightDecay }) => ({ name, weightDecay, lr: lr * factor }));
      exchangedBytes += await exchange.update(updates, iteration + 1, clock);
      monitor.step({
        phase: "finetune",
        done: iteration + 1,
        total: iterations,
        epoch,
        loss: loss / (i + 1),
        imagesPerSecond: (i + 1) * batch * accumulation / stepSeconds(clock.seconds),
      });
    }
    epochs.push({
      epoch,
      loss: loss / perEpoch,
      lr,
      seconds: clock.seconds,
      wallSeconds: clock.wall(),
      ...(exchangedBytes > 0 && { exchangedBytes }),
    });
    // Ranks that are stopped may hear of it in the comparison, after the epoch's last update.
    const between = { epochs: [...epochs], sums: NO_SUMS };
    await reached({ arena, iteration: (epoch + 1) * perEpoch, progress: between });
    await sameWeights(ranks, arena, `fine-tuning epoch ${epoch + 1}`);
  }
  await keeper?.save({ arena, iteration: iterations, progress: { epochs, sums: NO_SUMS } });
  return { arena, epochs };
}

/** A classifier with fresh head and positions, and the encoder of the pre-trained model. */
function createArena({ model, pretrained, seed }: FinetuneOptions, passes: number): Arena {
  const parameters = classifierParameters(model), arena = new Arena(parameters, passes > 1 ? 5 : 4);
  initialize(arena, parameters, seed);
  if (pretrained) { for (const name of transferredParameters(model)) arena.view(name).set(pretrained.view(name)); }
  return arena;
}

function batchOptions({ config, model, seed }: FinetuneOptions) {
  const augment = config.randAugment
    ? (pixels: Uint8Array, epoch: number, index: number) =>
      randAugment(randomStream(seed, "augment", epoch, index, 1), pixels, model.imageSize, model.imageSize)
    : undefined;
  return { ...config, seed, imageSize: model.imageSize, phase: "finetune" as const, augment };
}
