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
import { ALONE, type Ranks } from "../../core/parallel/ranks.ts";
import { groupsOf, type Share, shareOf } from "../../core/parallel/share.ts";
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
import { Exchange } from "./exchange.ts";
import { finite } from "./finite.ts";
import { breathe, type Monitor } from "./monitor.ts";
import type { FinetuneEpoch } from "./record.ts";
import { stepSeconds } from "../../reports/results/stepSeconds.ts";
import { sameWeights } from "./sameOnAll.ts";

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
  /** The processes that share every step; this one alone unless given. */
  ranks?: Ranks;
  /** Passes per rank and step; see `shareOf`. */
  accum?: number;
}

/** What the steps of a run are done with. */
interface Work {
  arena: Arena;
  share: Share;
  ranks: Ranks;
  adamw: AdamW;
  exchange: Exchange;
  step: Step;
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
  const { engine, model, config, monitor, keeper, ranks = ALONE, accum } = options;
  const share = shareOf(config, ranks.rank, ranks.size, accum), { passes, total } = share;
  const arena = createArena(options, passes), restored = await keeper?.restore(arena);
  const adamw = await AdamW.create(arena, config, { own: passes, total }, engine.info.threads);
  const step = await engine.train(classifierProgram(model, share.images), arena, arena.names());
  const work = { arena, share, ranks, adamw, exchange: new Exchange(ranks, arena, adamw), step };
  try {
    return await keepOnAbort(
      keeper,
      monitor.signal,
      (reached) => trainEpochs(options, work, restored, reached),
    );
  } finally {
    step.dispose();
    adamw.dispose();
  }
}

async function trainEpochs(
  options: FinetuneOptions,
  { arena, share, ranks, adamw, exchange, step }: Work,
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

/**
 * Normalises, erases and mixes a batch, and draws its drop-path factors. An image and its mixing partner meet in one batch,
 * and what is drawn for a group of `config.batch` images hangs on the group: the images come out the same however a group is
 * dealt out to ranks and passes.
 */
export function finetuneFeeds(
  { pixels, labels, places }: Batch,
  { model, config, seed }: Pick<FinetuneOptions, "model" | "config" | "seed">,
  epoch: number,
) {
  const { imageSize, depth, numClasses } = model, count = labels.length, length = imageSize * imageSize * 3;
  const named = streamEpoch("finetune", epoch), images = new Float32Array(pixels.length);
  for (let b = 0; b < count; b++) {
    const offset = b * length;
    toPlanar(pixels.subarray(offset, offset + length), images, offset);
    const random = randomStream(seed, "augment", named, places[b], 2);
    const image = images.subarray(offset, offset + length);
    randomErasing(random, image, imageSize, imageSize, { prob: config.randomErasing });
  }
  const targets = new Float32Array(count * numClasses), keep = new Float32Array(2 * depth * count);
  for (const { first, from, to } of groupsOf(places, config.batch)) {
    const mixed = mixBatch(
      randomStream(seed, "mixup", named, first),
      images.subarray(from * length, to * length),
      [to - from, 3, imageSize, imageSize],
      labels.subarray(from, to),
      numClasses,
      { mixupAlpha: config.mixup, cutmixAlpha: config.cutmix, labelSmoothing: config.labelSmoothing },
    );
    targets.set(mixed.targets, from * numClasses);
    const { uniform } = randomStream(seed, "dropPath", named, first);
    const factors = dropPathFactors(uniform, depth, config.batch, config.dropPath); // [2 * depth, batch]
    for (let layer = 0; layer < 2 * depth; layer++) {
      for (let b = from; b < to; b++) keep[layer * count + b] = factors[layer * config.batch + places[b] - first];
    }
  }
  return { patches: gatherPatches(images, model, allTokens(count, tokenCount(model))), targets, keep };
}

/** Every token of every image. */
export function allTokens(batch: number, tokens: number): Int32Array[] {
  const all = Int32Array.from({ length: tokens }, (_, token) => token);
  return new Array<Int32Array>(batch).fill(all);
}
