import type { Arena } from "../core/engine/arena.ts";
import type { Engine, EngineInfo } from "../core/engine/engine.ts";
import type { Feeds, Program, Step } from "../core/engine/program.ts";
import type { LocalMimConfig } from "../core/methods/localmim/config.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import type { FinetuneConfig, PretrainConfig } from "../training/config.ts";
import { iterationsPerEpoch } from "../training/batches.ts";
import type { Monitor } from "../training/monitor.ts";
import type { PretrainOptions } from "../training/pretrain.ts";
import { checkSchedule } from "../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { compiled, TINY } from "./engineTools.ts";

/** The compiled engine, with an eye on the arena and on what steps are fed. */
export class WatchedEngine implements Engine {
  readonly info: EngineInfo = compiled.info;
  arena: Arena | undefined;
  readonly feeds: Feeds[] = [];
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
    return {
      run: (feeds) => {
        this.feeds.push(feeds);
        return step.run(feeds);
      },
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

export const PRETRAIN: PretrainConfig = {
  epochs: 1,
  warmupEpochs: 0,
  batch: 4,
  accumulation: 1,
  baseLr: 0.1,
  minLr: 1e-6,
  weightDecay: 0.05,
  betas: [0.9, 0.95],
  eps: 1e-8,
  cropScale: [0.2, 1],
};

export const FINETUNE: FinetuneConfig = {
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

/** A pre-training run of a tiny model. */
export function pretrainOptions(
  engine: Engine,
  config: PretrainConfig,
  schedule: Partial<FreezeSchedule> = {},
  model = TINY,
): PretrainOptions {
  const { baseLr, minLr, epochs, warmupEpochs, batch, accumulation } = config;
  return {
    engine,
    model,
    config,
    schedule: checkSchedule({
      layers: model.depth + 1,
      stageBlocks: model.stageBlocks,
      t0: 0.5,
      power: 1,
      scaled: true,
      baseLr,
      minLr,
      epochs,
      warmupEpochs,
      iterationsPerEpoch: iterationsPerEpoch(images.train.length, batch, accumulation),
      form: "code",
      decoders: "block",
      clsToken: "layer0",
      ...schedule,
    }),
    backward: "cut",
    split: images.train,
    seed: 3,
    monitor: monitor(),
  };
}
