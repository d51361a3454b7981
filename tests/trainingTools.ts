import type { Arena } from "../core/engine/arena.ts";
import type { Engine, EngineInfo } from "../core/engine/engine.ts";
import type { Feeds, Program, Step } from "../core/engine/program.ts";
import type { LocalMimConfig } from "../core/methods/localmim/config.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { localMim } from "../core/methods/localmim/method.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import type { FinetuneConfig, PretrainConfig } from "../training/config.ts";
import { iterationsPerEpoch } from "../training/batches.ts";
import { train, type Trained } from "../training/loop.ts";
import type { Monitor } from "../training/monitor.ts";
import { finetuneObjective } from "../training/phases/finetune.ts";
import { pretrainObjective } from "../training/phases/pretrain.ts";
import { scheduleOf } from "../training/schedule.ts";
import type { Work } from "../training/work.ts";
import { compiled, TINY } from "./engineTools.ts";

/** The compiled engine, with an eye on the arena and on what steps are fed. */
export class WatchedEngine implements Engine {
  readonly info: EngineInfo = compiled.info;
  arena: Arena | undefined;
  readonly feeds: Feeds[] = [];
  /** How often each step has run, in the order in which they were made. */
  readonly runs: number[] = [];
  /** Steps that were made and not yet disposed of. */
  open = 0;

  async train(program: Program, arena: Arena, gradients: readonly string[]): Promise<Step> {
    this.arena = arena;
    return this.#watch(await compiled.train(program, arena, gradients));
  }

  async infer(program: Program, arena: Arena): Promise<Step> {
    return this.#watch(await compiled.infer(program, arena));
  }

  #watch(step: Step): Step {
    this.open++;
    const made = this.runs.push(0) - 1;
    return {
      run: (feeds) => {
        this.runs[made]++;
        this.feeds.push(feeds);
        return step.run(feeds);
      },
      reread: () => step.reread(),
      dispose: () => {
        this.open--;
        step.dispose();
      },
    };
  }
}

/** A monitor that calls a function after every step. */
export function monitor(step: Monitor["step"] = () => {}, signal = new AbortController().signal): Monitor {
  return { step, signal };
}

/** Images of 32 pixels: 24 to train on, 23 to test on. */
export const images = proceduralDataset({ seed: 0, train: 24, test: 23, size: 32 });

/** A LocalMIM of two stages, which compiles in half the time of four. */
export const TWO_STAGES: LocalMimConfig = { ...TINY, depth: 2, stageBlocks: [1, 2], stageScales: [1, 0.5] };

/** What a phase is run with unless a test says otherwise. */
export function workOf(changed: Partial<Work> = {}): Work {
  return { engine: compiled, dataset: images, seed: 3, monitor: monitor(), ...changed };
}

/** What tests vary of pre-training; `baseLr` is that of a step, whatever its images. */
type Pretraining = Partial<Omit<PretrainConfig, "method" | "freeze">>;
type Freeze = NonNullable<PretrainConfig["freeze"]>;

/** Pre-training of a tiny model. */
export function pretrainConfig(changed: Pretraining = {}, freeze: Partial<Freeze> = {}, model = TINY): PretrainConfig {
  const config = {
    epochs: 1,
    warmupEpochs: 0,
    batch: 4,
    accumulation: 1,
    baseLr: 0.1,
    minLr: 1e-6,
    weightDecay: 0.05,
    betas: [0.9, 0.95] as [number, number],
    eps: 1e-8,
    cropScale: [0.2, 1] as [number, number],
    ...changed,
  };
  return {
    ...config,
    baseLr: config.baseLr * 256 / (config.batch * config.accumulation),
    method: { name: "localmim", ...model },
    freeze: {
      t0: 0.5,
      power: 1,
      scaled: true,
      form: "code",
      decoders: "block",
      clsToken: "layer0",
      backward: "cut",
      ...freeze,
    },
  };
}

/** The schedule by which it freezes. */
export function scheduleIn(config: PretrainConfig): FreezeSchedule {
  const { method: { name: _, ...model }, batch, accumulation } = config;
  const shape = localMim.encoder(model as unknown as LocalMimConfig);
  return scheduleOf(config, shape, iterationsPerEpoch(images.train.length, batch, accumulation));
}

/** Pre-trains, as the phase does. */
export function pretrain(config: PretrainConfig, changed: Partial<Work> = {}): Promise<Trained> {
  const work = workOf(changed);
  return train(pretrainObjective(config, work.dataset.train, work.seed), work);
}

/** The encoder of a model, and what is classified. */
export function classifierOf(model: LocalMimConfig) {
  return { ...localMim.encoder(model).vit, numClasses: images.classes.length };
}

/** Fine-tuning with all that may be drawn for an image. */
export const FINETUNE: FinetuneConfig = {
  model: localMim.encoder(TINY).vit,
  epochs: 1,
  warmupEpochs: 0,
  batch: 4,
  accumulation: 1,
  minLr: 1e-6,
  weightDecay: 0.05,
  betas: [0.9, 0.999],
  eps: 1e-8,
  cropScale: [0.2, 1],
  lr: 1e-2,
  layerDecay: 0.75,
  dropPath: 0.1,
  labelSmoothing: 0.1,
  mixup: 0.8,
  cutmix: 1,
  randomErasing: 0.25,
  randAugment: true,
  testCropRatio: 1,
};

/** Fine-tunes, as the phase does before it evaluates. */
export function finetune(config: FinetuneConfig, changed: Partial<Work> = {}): Promise<Trained> {
  const work = workOf(changed);
  return train(finetuneObjective(config, work), work);
}
