import { Arena } from "../../core/engine/arena.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import { LOCALMIM_VIT_B } from "../../core/methods/localmim/config.ts";
import { initialize } from "../../core/models/init.ts";
import { localMimParameters } from "../../core/methods/localmim/parameters.ts";
import { AdamW } from "../../core/optim/adamwOptimizer.ts";
import type { Update } from "../../core/optim/optimizer.ts";
import { ALONE } from "../../core/parallel/ranks.ts";
import type { FreezeState } from "../../core/schedules/freezeState.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { proceduralDataset } from "../../datasets/mod.ts";
import { rowSchedule } from "../repro/config.ts";
import { PROFILES } from "../repro/profiles.ts";
import { type Batch, type BatchOptions, consecutive, loadBatch } from "../../training/batches.ts";
import { Clock } from "../../training/clock.ts";
import { Exchange } from "../../training/exchange.ts";
import { pretrainUpdates } from "../../training/liveness.ts";
import type { PretrainOptions } from "../../training/pretrain.ts";
import { createStepper, microStep, type Stepper } from "../../training/pretrainStep.ts";
import type { Backward } from "./model.ts";
import type { Repetition } from "./race.ts";
import { stateWith } from "./savings.ts";

/** The model that is measured: LocalMIM-HOG on ViT-B/16, 224 px. */
export const MODEL = LOCALMIM_VIT_B;
const { pretrain, freeze } = PROFILES.paper;
/** Steps per epoch of the schedule that is integrated; only how finely states can be told apart hangs on it. */
const PER_EPOCH = 1000;
const SEED = 0;

/** Cubic ViTFreeze, t0 = 0.8, 100 epochs with 10 of warm-up, in the form that was run: the published run's. */
export const SCHEDULE: FreezeSchedule = rowSchedule(PROFILES.paper, "vitfreeze", PER_EPOCH);

/** A state of the schedule, made ready to train. */
export interface Ready {
  stepper: Stepper;
  state: FreezeState;
  options: PretrainOptions;
}

const SPECS = new Map(localMimParameters(MODEL).map((spec) => [spec.name, spec]));

/** The updates of a step in a state of the schedule. */
export function updatesOf(state: FreezeState): Update[] {
  return pretrainUpdates([...SPECS.keys()], SPECS, state, pretrain.weightDecay);
}

/** Pre-training of the published model, one step at a time, as a training run does it. */
export class Trainer {
  #updates = 0;

  private constructor(
    readonly arena: Arena,
    readonly adamw: AdamW,
    readonly options: Omit<PretrainOptions, "backward">,
    readonly batch: Batch,
  ) {}

  /** @param split where images come from; drawn ones unless given */
  static async create(
    threads: number,
    batch: number,
    signal: AbortSignal,
    split = drawnImages(batch),
  ): Promise<Trainer> {
    const parameters = localMimParameters(MODEL), arena = new Arena(parameters);
    initialize(arena, parameters, SEED);
    const config = { ...pretrain, batch, accumulation: 1 };
    return new Trainer(arena, await AdamW.create(arena, config, undefined, threads), {
      engine: new CompiledEngine(threads),
      model: MODEL,
      config,
      schedule: SCHEDULE,
      split,
      seed: SEED,
      monitor: { step: () => {}, signal },
    }, await firstBatch(split, batch));
  }

  /** Ends the threads of the optimiser; a process with a trainer that still has them does not end by itself. */
  [Symbol.dispose](): void {
    this.adamw.dispose();
  }

  /** The step with so many frozen layers. */
  async ready(frozen: number, backward: Backward): Promise<Ready> {
    const options = { ...this.options, backward }, state = stateWith(SCHEDULE, frozen);
    return { stepper: await createStepper(options, options.config.batch, state, this.arena), state, options };
  }

  /**
   * Targets, forward and backward pass, exchange where there are other ranks, AdamW; in seconds.
   *
   * @param exchange with other ranks, which do the same step; its part includes waiting for them
   */
  async step({ stepper, state, options }: Ready, batch = this.batch, exchange = this.exchange()): Promise<Repetition> {
    const clock = new Clock(["hog", "step", "exchange", "optimizer"]), start = performance.now();
    await microStep(stepper, options, batch, 0, clock);
    await exchange.ranks.sum("step");
    await this.update(state, exchange, clock);
    return { seconds: (performance.now() - start) / 1000, parts: { ...clock.seconds } };
  }

  /**
   * The last part of a step.
   *
   * @returns bytes of gradients that this rank has handed over
   */
  update(state: FreezeState, exchange: Exchange, clock: Clock<"exchange" | "optimizer">): Promise<number> {
    this.#updates++;
    return exchange.update(updatesOf(state), this.#updates, clock);
  }

  /** Exchanges gradients with ranks, in buckets of at least `limit` bytes; see `Exchange`. */
  exchange(ranks = ALONE, limit?: number): Exchange {
    return new Exchange(ranks, this.arena, this.adamw, limit);
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
  const { cropScale } = pretrain;
  return { seed: SEED, batch, imageSize: MODEL.imageSize, cropScale, phase: "pretrain" };
}

/** Which layers a run freezes, in words for a table. */
export const SCHEDULE_TEXT =
  `cubic, t0 ${freeze.t0}, ${pretrain.epochs} epochs, ${pretrain.warmupEpochs} of warm-up, ` +
  `form ${freeze.form}`;
