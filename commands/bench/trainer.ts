import type { Arena } from "../../core/engine/arena.ts";
import type { CompiledEngine } from "../../core/engine/compiled.ts";
import type { Step } from "../../core/engine/program.ts";
import { LOCALMIM_VIT_B } from "../../core/methods/localmim/config.ts";
import { localMim } from "../../core/methods/localmim/method.ts";
import type { Optimizer } from "../../core/optim/optimizer.ts";
import { ALONE } from "../../core/parallel/ranks.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { proceduralDataset } from "../../datasets/mod.ts";
import { pretrain } from "../../experiments/phases.ts";
import { VIT } from "../../experiments/recipes/vit.ts";
import { type Batch, type BatchOptions, consecutive, loadBatch } from "../../training/batches.ts";
import { Clock } from "../../training/clock.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../../training/config.ts";
import { Exchange } from "../../training/exchange.ts";
import type { Objective, Stretch } from "../../training/objective.ts";
import { pretrainObjective } from "../../training/phases/pretrain.ts";
import { scheduleOf } from "../../training/schedule.ts";
import type { Backward } from "./model.ts";
import type { Repetition } from "./race.ts";
import { iterationWith } from "./savings.ts";
import { inStepsOf, startTraining } from "./startTraining.ts";

/** The model that is measured: LocalMIM-HOG on ViT-B/16, 224 px. */
export const MODEL = LOCALMIM_VIT_B;
/** Steps per epoch of the schedule that is integrated; only how finely states can be told apart hangs on it. */
const PER_EPOCH = 1000;
const SEED = 0;
const PAPER = VIT.profiles.paper;

/** Cubic ViTFreeze, t0 = 0.8, 100 epochs with 10 of warm-up, in the form that was run: the published run's. */
const CONFIG: PretrainConfig = pretrainConfigSchema.parse(pretrain({ ...PAPER, seed: SEED }, {}).config);
/** When its layers freeze. */
export const SCHEDULE: FreezeSchedule = scheduleOf(CONFIG, localMim.encoder(MODEL), PER_EPOCH);

/** A step of the schedule. */
interface Place {
  objective: Objective<Batch>;
  iteration: number;
  stretch: Stretch;
}

/** The same, made ready to train. */
export interface Ready extends Place {
  step: Step;
}

/**
 * The published pre-training on batches of so many images, at the rate of the published batch, with steps enough to tell the
 * states of its schedule apart.
 */
export function objectiveOf(split: ImageSplit, batch: number, backward: Backward): Objective<Batch> {
  const length = PER_EPOCH * batch, freeze = { ...CONFIG.freeze!, backward };
  const labels = Int32Array.from({ length }, (_, k) => split.labels[k % split.length]);
  const repeated: ImageSplit = { length, labels, load: (index) => split.load(index % split.length) };
  return pretrainObjective({ ...inStepsOf(batch, CONFIG), freeze }, repeated, SEED);
}

/** Pre-training of the published model, one step at a time, as a training run does it. */
export class Trainer {
  #updates = 0;

  private constructor(
    readonly engine: CompiledEngine,
    readonly arena: Arena,
    readonly optimizer: Optimizer,
    readonly objectives: Record<Backward, Objective<Batch>>,
    readonly batch: Batch,
  ) {}

  /** @param split where images come from; drawn ones unless given */
  static async create(threads: number, batch: number, split = drawnImages(batch)): Promise<Trainer> {
    const [cut, live] = (["cut", "live"] as const).map((backward) => objectiveOf(split, batch, backward));
    const { engine, arena, optimizer } = await startTraining(cut, threads);
    return new Trainer(engine, arena, optimizer, { cut, live }, await firstBatch(split, batch));
  }

  /** Ends the threads of the optimiser; a process with a trainer that still has them does not end by itself. */
  [Symbol.dispose](): void {
    this.optimizer.dispose();
  }

  /** The step with so many frozen layers. */
  async ready(frozen: number, backward: Backward): Promise<Ready> {
    const place = this.#place(frozen, backward), { program, gradients } = place.stretch;
    return { ...place, step: await this.engine.train(program, this.arena, gradients) };
  }

  /**
   * Targets, forward and backward pass, exchange where there are other ranks, AdamW; in seconds.
   *
   * @param exchange with other ranks, which do the same step; its part includes waiting for them
   */
  async step(ready: Ready, batch = this.batch, exchange = this.exchange()): Promise<Repetition> {
    const { step, stretch, objective } = ready, clock = new Clock([...objective.parts, "exchange"]);
    const start = performance.now();
    clock.start();
    await step.run(objective.feeds(batch, 0, stretch, clock));
    this.optimizer.accumulate(stretch.gradients, 0);
    clock.mark("step");
    await exchange.ranks.sum("step");
    await this.#update(ready, exchange, clock);
    const seconds = (performance.now() - start) / 1000, { targets: hog, ...parts } = clock.seconds;
    return { seconds, parts: { hog, step: parts.step, exchange: parts.exchange, optimizer: parts.optimizer } };
  }

  /**
   * The last part of a step with so many frozen layers.
   *
   * @returns bytes of gradients that this rank has handed over
   */
  update(frozen: number, exchange: Exchange): Promise<number> {
    return this.#update(this.#place(frozen, "cut"), exchange, new Clock([]));
  }

  #place(frozen: number, backward: Backward): Place {
    const objective = this.objectives[backward], iteration = iterationWith(SCHEDULE, frozen);
    return { objective, iteration, stretch: objective.stretch(iteration, objective.batch.batch) };
  }

  #update({ objective, iteration, stretch }: Place, exchange: Exchange, clock: Clock): Promise<number> {
    this.#updates++;
    return exchange.update(objective.updates(iteration, stretch), this.#updates, clock);
  }

  /** Exchanges gradients with ranks, in buckets of at least `limit` bytes; see `Exchange`. */
  exchange(ranks = ALONE, limit?: number): Exchange {
    return new Exchange(ranks, this.arena, this.optimizer, limit);
  }
}

/** Images drawn at the size that is trained on. */
export function drawnImages(count: number): ImageSplit {
  return proceduralDataset({ seed: SEED, train: count, test: 1, size: MODEL.imageSize }).train;
}

/** The first images of a split, cropped and flipped as in training. */
export function firstBatch(split: ImageSplit, batch: number): Promise<Batch> {
  const order = Int32Array.from({ length: batch }, (_, k) => k % split.length);
  return loadBatch(split, order, batchOptions(batch), 0, consecutive(0, batch));
}

/** How batches of the published recipe are drawn. */
export function batchOptions(batch: number): BatchOptions {
  const { cropScale } = CONFIG;
  return { kind: "pretrain", seed: SEED, batch, imageSize: MODEL.imageSize, cropScale };
}

/** Which layers a run freezes, in words for a table. */
export const SCHEDULE_TEXT =
  `cubic, t0 ${SCHEDULE.t0}, ${SCHEDULE.epochs} epochs, ${SCHEDULE.warmupEpochs} of warm-up, ` +
  `form ${SCHEDULE.form}`;
