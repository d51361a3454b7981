import { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { Step } from "../../core/engine/program.ts";
import {
  type ClassifierConfig,
  classifierParameters,
  classifierProgram,
  dropPathFactors,
  transferredParameters,
} from "../../core/models/classifier.ts";
import { tokenCount } from "../../core/models/config.ts";
import { initialize } from "../../core/models/init.ts";
import { gatherPatches } from "../../core/models/localmimFeeds.ts";
import { decaysInFinetuning, layerDecayFactor } from "../../core/optim/groups.ts";
import { AdamW } from "../../core/optim/optimizer.ts";
import { randomStream } from "../../core/random/stream.ts";
import { cosineSchedule } from "../../core/schedules/cosine.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { mixBatch } from "../../datasets/transforms/mixBatch.ts";
import { toPlanar } from "../../datasets/transforms/normalize.ts";
import { randAugment } from "../../datasets/transforms/randAugment/randAugment.ts";
import { randomErasing } from "../../datasets/transforms/randomErasing.ts";
import { type Batch, epochBatches, iterationsPerEpoch, streamEpoch } from "./batches.ts";
import { type Boundary, type Keeper, keepOnAbort } from "./checkpoint/keeper.ts";
import type { FinetuneProgress } from "./checkpoint/progress.ts";
import { Clock } from "./clock.ts";
import type { FinetuneConfig } from "./config.ts";
import { finite } from "./finite.ts";
import { breathe, type Monitor } from "./monitor.ts";
import type { FinetuneEpoch } from "./record.ts";

/** Everything a fine-tuning run is made of. */
export interface FinetuneOptions {
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

const NO_SUMS: FinetuneProgress["sums"] = { loss: 0, lr: 0, seconds: {}, wall: 0 };

/** A fine-tuned classifier and the record of its training. */
export interface Finetuned {
  arena: Arena;
  epochs: FinetuneEpoch[];
}

/** Fine-tunes a classifier on a pre-trained encoder (the recipe of LocalMIM, which thesis 4.4 and paper 4.2 use). */
export async function finetune(options: FinetuneOptions): Promise<Finetuned> {
  const { engine, model, config, monitor, keeper } = options;
  const arena = createArena(options), restored = await keeper?.restore(arena);
  const adamw = await AdamW.create(arena, config, config.accumulation, engine.info.threads);
  const step = await engine.train(classifierProgram(model, config.batch), arena, arena.names());
  try {
    return await keepOnAbort(
      keeper,
      monitor.signal,
      (reached) => trainEpochs(options, arena, { adamw, step }, restored, reached),
    );
  } finally {
    step.dispose();
    adamw.dispose();
  }
}

async function trainEpochs(
  options: FinetuneOptions,
  arena: Arena,
  { adamw, step }: { adamw: AdamW; step: Step },
  restored: Omit<Boundary<FinetuneProgress>, "arena"> | undefined,
  reached: (boundary: Boundary<FinetuneProgress>) => Promise<void>,
): Promise<Finetuned> {
  const { model, config, split, monitor, keeper } = options, { accumulation } = config;
  const perEpoch = iterationsPerEpoch(split.length, config.batch, accumulation), iterations = perEpoch * config.epochs;
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
    const clock = new Clock(["step", "optimizer"], before);
    let { loss, lr } = before;
    const progress = (): FinetuneProgress => ({
      epochs: [...epochs],
      sums: { loss, lr, seconds: { ...clock.seconds }, wall: clock.wall() },
    });
    const batches = epochBatches(split, batchOptions(options), epoch, perEpoch * accumulation, from * accumulation);
    for (let i = from; i < perEpoch; i++) {
      const iteration = epoch * perEpoch + i;
      await reached({ arena, iteration, progress: progress() });
      for (let micro = 0; micro < accumulation; micro++) {
        const batch = (await batches.next()).value as Batch;
        await breathe(monitor);
        const feeds = finetuneFeeds(batch, options, epoch);
        clock.start();
        loss += finite((await step.run(feeds)).loss[0], `fine-tuning step ${iteration + 1}`);
        clock.mark("step");
        adamw.accumulate(names, micro);
      }
      lr = cosineSchedule(schedule, iteration);
      adamw.update(
        groups.map(({ name, factor, weightDecay }) => ({ name, weightDecay, lr: lr * factor })),
        iteration + 1,
      );
      clock.mark("optimizer");
      monitor.step({
        phase: "finetune",
        done: iteration + 1,
        total: iterations,
        epoch,
        loss: loss / ((i + 1) * accumulation),
        imagesPerSecond: (i + 1) * config.batch * accumulation / (clock.seconds.step + clock.seconds.optimizer),
      });
    }
    epochs.push({
      epoch,
      loss: loss / (perEpoch * accumulation),
      lr,
      seconds: clock.seconds,
      wallSeconds: clock.wall(),
    });
  }
  await keeper?.save({ arena, iteration: iterations, progress: { epochs, sums: NO_SUMS } });
  return { arena, epochs };
}

/** A classifier with fresh head and positions, and the encoder of the pre-trained model. */
function createArena({ model, config, pretrained, seed }: FinetuneOptions): Arena {
  const parameters = classifierParameters(model), arena = new Arena(parameters, config.accumulation > 1 ? 5 : 4);
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

/** Normalises, mixes and erases a batch, and draws its drop-path factors. */
function finetuneFeeds({ pixels, labels, first }: Batch, { model, config, seed }: FinetuneOptions, epoch: number) {
  const { imageSize, depth, numClasses } = model, batch = labels.length, length = imageSize * imageSize * 3;
  const named = streamEpoch("finetune", epoch), images = new Float32Array(pixels.length);
  for (let b = 0; b < batch; b++) {
    const offset = b * length;
    toPlanar(pixels.subarray(offset, offset + length), images, offset);
    const random = randomStream(seed, "augment", named, first + b, 2);
    const image = images.subarray(offset, offset + length);
    randomErasing(random, image, imageSize, imageSize, { prob: config.randomErasing });
  }
  const { targets } = mixBatch(
    randomStream(seed, "mixup", named, first),
    images,
    [batch, 3, imageSize, imageSize],
    labels,
    numClasses,
    { mixupAlpha: config.mixup, cutmixAlpha: config.cutmix, labelSmoothing: config.labelSmoothing },
  );
  const keep = dropPathFactors(randomStream(seed, "dropPath", named, first).uniform, depth, batch, config.dropPath);
  return { patches: gatherPatches(images, model, allTokens(batch, tokenCount(model))), targets, keep };
}

/** Every token of every image. */
export function allTokens(batch: number, tokens: number): Int32Array[] {
  const all = Int32Array.from({ length: tokens }, (_, token) => token);
  return new Array<Int32Array>(batch).fill(all);
}
