import type { Arena } from "../../core/engine/arena.ts";
import type { Card } from "../../core/engine/ort/card.ts";
import type { Feeds, Step } from "../../core/engine/program.ts";
import { methodOf } from "../../core/methods/mod.ts";
import type { Optimizer } from "../../core/optim/optimizer.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { proceduralDataset } from "../../datasets/mod.ts";
import { type Batch, consecutive, loadBatch } from "../../training/batches.ts";
import { Clock } from "../../training/clock.ts";
import type { PretrainConfig } from "../../training/config.ts";
import type { Objective } from "../../training/objective.ts";
import { pretrainObjective } from "../../training/phases/pretrain.ts";
import type { Repetition } from "./race.ts";
import { inStepsOf, startTraining } from "./startTraining.ts";

const SEED = 0;

/** Pre-training of any method in which nothing freezes, one step at a time, as a training run does it. */
export class MethodTrainer {
  #steps = 0;
  #feeds: Feeds | undefined;

  private constructor(
    readonly objective: Objective<Batch>,
    readonly step: Step,
    readonly arena: Arena,
    readonly optimizer: Optimizer,
    readonly batch: Batch,
  ) {}

  /**
   * @param images of a step, each of them with the method's views
   * @param card what computes, if not the processor
   */
  static async create(config: PretrainConfig, threads: number, images: number, card?: Card): Promise<MethodTrainer> {
    const { method, config: model } = methodOf(config.method), { imageSize } = method.encoder(model).vit;
    const split: ImageSplit = proceduralDataset({ seed: SEED, train: images, test: 1, size: imageSize }).train;
    const objective = pretrainObjective({ ...inStepsOf(images, config), freeze: null }, split, SEED);
    const { engine, arena, optimizer } = await startTraining(objective, threads, card);
    const { program, gradients } = objective.stretch(0, images), step = await engine.train(program, arena, gradients);
    const options = { ...config, kind: "pretrain" as const, seed: SEED, batch: images, imageSize };
    const order = Int32Array.from({ length: images }, (_, k) => k);
    const batch = await loadBatch(split, order, options, 0, consecutive(0, images));
    return new MethodTrainer(objective, step, arena, optimizer, batch);
  }

  /** Masks, targets, forward and backward pass, AdamW; in seconds. */
  async once(): Promise<Repetition> {
    const { objective, step, optimizer, batch } = this, clock = new Clock(objective.parts);
    const start = performance.now(), stretch = objective.stretch(0, batch.places.length);
    clock.start();
    await step.run(objective.feeds(batch, 0, stretch, clock));
    optimizer.accumulate(stretch.gradients, 0);
    optimizer.update(objective.updates(0, stretch), ++this.#steps);
    return { seconds: (performance.now() - start) / 1000, parts: {} };
  }

  /** So many steps on the same inputs, from the first one's to when the device has done the last one's update; in seconds. */
  async several(steps: number): Promise<Repetition> {
    const { objective, step, optimizer, batch } = this, stretch = objective.stretch(0, batch.places.length);
    const feeds = this.#feeds ??= objective.feeds(batch, 0, stretch, new Clock(objective.parts)),
      start = performance.now();
    for (let k = 0; k < steps; k++) {
      await step.run(feeds);
      optimizer.accumulate(stretch.gradients, 0);
      optimizer.update(objective.updates(0, stretch), ++this.#steps);
    }
    optimizer.wait();
    return { seconds: (performance.now() - start) / 1000, parts: {} };
  }

  /** Frees the step, and ends the threads of the optimiser. */
  [Symbol.dispose](): void {
    this.step.dispose();
    this.optimizer.dispose();
  }
}
