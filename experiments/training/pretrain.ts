import { Arena } from "../../core/engine/arena.ts";
import type { Engine } from "../../core/engine/engine.ts";
import type { LocalMimConfig } from "../../core/models/config.ts";
import { initialize } from "../../core/models/init.ts";
import { localMimParameters } from "../../core/models/localmimParameters.ts";
import { AdamW } from "../../core/optim/optimizer.ts";
import { type FreezeState, freezeState } from "../../core/schedules/freezeState.ts";
import type { FreezeSchedule } from "../../core/schedules/schedule.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { type Batch, epochBatches } from "./batches.ts";
import { Clock } from "./clock.ts";
import type { PretrainConfig } from "./config.ts";
import { pretrainUpdates } from "./liveness.ts";
import { finite } from "./finite.ts";
import { breathe, type Monitor } from "./monitor.ts";
import { createStepper, microStep, type Stepper } from "./pretrainStep.ts";
import { type PretrainEpoch, type PretrainEvent, stateEvents } from "./record.ts";

/** Everything a pre-training run is made of. */
export interface PretrainOptions {
  engine: Engine;
  model: LocalMimConfig;
  config: PretrainConfig;
  schedule: FreezeSchedule;
  backward: "cut" | "live";
  split: ImageSplit;
  seed: number;
  monitor: Monitor;
}

/** A pre-trained model and the record of its training. */
export interface Pretrained {
  arena: Arena;
  epochs: PretrainEpoch[];
  events: PretrainEvent[];
}

/** Pre-trains LocalMIM with progressive freezing (thesis 3.2 to 3.5). */
export async function pretrain(options: PretrainOptions): Promise<Pretrained> {
  const { model, config, schedule, split, seed, monitor } = options;
  const parameters = localMimParameters(model);
  const arena = new Arena(parameters, config.accumulation > 1 ? 5 : 4);
  initialize(arena, parameters, seed);
  const adamw = await AdamW.create(arena, config, config.accumulation, options.engine.info.threads);
  const specs = new Map(parameters.map((spec) => [spec.name, spec]));
  const perEpoch = schedule.iterationsPerEpoch, total = perEpoch * config.epochs;
  const epochs: PretrainEpoch[] = [], events: PretrainEvent[] = [];
  let stepper: Stepper | undefined, state: FreezeState | undefined;
  try {
    for (let epoch = 0; epoch < config.epochs; epoch++) {
      const clock = new Clock(["hog", "step", "optimizer", "compile"]);
      const losses = model.stageBlocks.map(() => 0), counts = model.stageBlocks.map(() => 0);
      let loss = 0;
      const batches = epochBatches(
        split,
        { ...config, seed, imageSize: model.imageSize, phase: "pretrain" },
        epoch,
        perEpoch * config.accumulation,
      );
      for (let i = 0; i < perEpoch; i++) {
        const iteration = epoch * perEpoch + i, before = state;
        state = freezeState(schedule, iteration);
        const changes = stateEvents(before, state, iteration);
        events.push(...changes);
        if (!stepper || changes.length) {
          clock.start();
          stepper?.step.dispose();
          stepper = await createStepper(options, state, arena, stepper);
          clock.mark("compile");
        }
        for (let micro = 0; micro < config.accumulation; micro++) {
          const batch = (await batches.next()).value as Batch;
          await breathe(monitor);
          const outputs = await microStep(stepper, options, batch, epoch, clock);
          adamw.accumulate(stepper.gradients, micro);
          for (const stage of stepper.stages) {
            losses[stage] += outputs[`loss${stage}`][0];
            counts[stage]++;
          }
          loss += finite(outputs.loss[0], `pre-training step ${iteration + 1}`);
        }
        adamw.update(pretrainUpdates(stepper.gradients, specs, state, config.weightDecay), iteration + 1);
        clock.mark("optimizer");
        const { hog, step, optimizer } = clock.seconds;
        monitor.step({
          phase: "pretrain",
          done: iteration + 1,
          total,
          epoch,
          loss: loss / ((i + 1) * config.accumulation),
          live: [state.liveLayers.filter(Boolean).length, state.liveLayers.length],
          imagesPerSecond: (i + 1) * config.batch * config.accumulation / (hog + step + optimizer),
        });
      }
      epochs.push({
        epoch,
        iterations: perEpoch,
        lossPerStage: losses.map((sum, stage) => state!.liveStages[stage] ? sum / counts[stage] : null),
        loss: loss / (perEpoch * config.accumulation),
        layerLr: state!.layerLr,
        liveLayers: state!.liveLayers,
        liveStages: state!.liveStages,
        seconds: clock.seconds,
        wallSeconds: clock.wall(),
      });
    }
  } finally {
    stepper?.step.dispose();
    adamw.dispose();
  }
  return { arena, epochs, events };
}
