import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { LocalMimConfig } from "../core/methods/localmim/config.ts";
import { initialize } from "../core/models/init.ts";
import { localMimParameters } from "../core/methods/localmim/parameters.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import type { FreezeSchedule } from "../core/schedules/schedule.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import { type Batch, epochBatches } from "./batches.ts";
import { type Boundary, type Keeper, keepOnAbort } from "./checkpoint/keeper.ts";
import type { PretrainProgress } from "./checkpoint/progress.ts";
import { Clock } from "./clock.ts";
import type { PretrainConfig } from "./config.ts";
import { pretrainUpdates } from "./liveness.ts";
import { finite } from "./finite.ts";
import { breathe, type Monitor } from "./monitor.ts";
import { stepSeconds } from "../records/stepSeconds.ts";
import { createStepper, microStep, type Stepper } from "./pretrainStep.ts";
import { type PretrainEpoch, type PretrainEvent, stateEvents } from "./record.ts";
import { sameWeights } from "./sameOnAll.ts";
import { createWork, ownShare, type Sharing, type Work } from "./work.ts";

/** Everything a pre-training run is made of. */
export interface PretrainOptions extends Sharing {
  engine: Engine;
  model: LocalMimConfig;
  config: PretrainConfig;
  schedule: FreezeSchedule;
  backward: "cut" | "live";
  split: ImageSplit;
  seed: number;
  monitor: Monitor;
  /** Keeps checkpoints, and knows where to go on; none: the run cannot be resumed. */
  keeper?: Keeper<PretrainProgress>;
}

/** The parts of a step that are measured. */
type Part = keyof PretrainEpoch["seconds"];

/** A pre-trained model and the record of its training. */
export interface Pretrained {
  arena: Arena;
  epochs: PretrainEpoch[];
  events: PretrainEvent[];
}

/** Pre-trains LocalMIM with progressive freezing (thesis 3.2 to 3.5). */
export async function pretrain(options: PretrainOptions): Promise<Pretrained> {
  const { model, config, keeper, seed, monitor } = options, share = ownShare(config, options);
  const parameters = localMimParameters(model), arena = new Arena(parameters, share.passes > 1 ? 5 : 4);
  initialize(arena, parameters, seed);
  const restored = await keeper?.restore(arena), work = await createWork(arena, share, options);
  try {
    return await keepOnAbort(keeper, monitor.signal, (reached) => trainEpochs(options, work, restored, reached));
  } finally {
    work.adamw.dispose();
  }
}

async function trainEpochs(
  options: PretrainOptions,
  { arena, share, ranks, adamw, exchange }: Work,
  restored: Omit<Boundary<PretrainProgress>, "arena"> | undefined,
  reached: (boundary: Boundary<PretrainProgress>) => Promise<void>,
): Promise<Pretrained> {
  const { model, config, schedule, split, seed, monitor, keeper } = options, { passes } = share;
  const specs = new Map(localMimParameters(model).map((spec) => [spec.name, spec]));
  const perEpoch = schedule.iterationsPerEpoch, total = perEpoch * config.epochs, first = restored?.iteration ?? 0;
  const epochs = restored?.progress.epochs ?? [], events = restored?.progress.events ?? [];
  const nothing = emptySums(model.stageBlocks.length);
  let stepper: Stepper | undefined, state = first > 0 ? freezeState(schedule, first - 1) : undefined;
  try {
    for (let epoch = Math.floor(first / perEpoch); epoch < config.epochs; epoch++) {
      const from = Math.max(0, first - epoch * perEpoch), before = from > 0 ? restored!.progress.sums : nothing;
      const clock = new Clock<Part>(["hog", "step", "optimizer", "compile"], before);
      const losses = [...before.losses], counts = [...before.counts];
      let { loss, exchangedBytes = 0 } = before;
      const progress = (): PretrainProgress => ({
        epochs: [...epochs],
        events: [...events],
        sums: {
          losses: [...losses],
          counts: [...counts],
          loss,
          seconds: { ...clock.seconds },
          wall: clock.wall(),
          ...(exchangedBytes > 0 && { exchangedBytes }),
        },
      });
      const batches = epochBatches(
        split,
        { ...config, seed, imageSize: model.imageSize, phase: "pretrain", places: share.places },
        epoch,
        perEpoch * passes,
        from * passes,
      );
      for (let i = from; i < perEpoch; i++) {
        const iteration = epoch * perEpoch + i, previous = state;
        await reached({ arena, iteration, progress: progress() });
        state = freezeState(schedule, iteration);
        const changes = stateEvents(previous, state, iteration);
        events.push(...changes);
        if (!stepper || changes.length) {
          clock.start();
          stepper?.step.dispose();
          stepper = await createStepper(options, share.images, state, arena, stepper);
          clock.mark("compile");
        }
        const { stages, gradients } = stepper, own = new Array<number>(stages.length + 1).fill(0);
        for (let micro = 0; micro < passes; micro++) {
          const batch = (await batches.next()).value as Batch;
          await breathe(monitor);
          const outputs = await microStep(stepper, options, batch, epoch, clock);
          adamw.accumulate(gradients, micro);
          ["loss", ...stages.map((stage) => `loss${stage}`)].forEach((name, k) => own[k] += outputs[name][0]);
          clock.mark("step");
        }
        const where = `pre-training step ${iteration + 1}`;
        const [mean, ...stageMeans] = (await ranks.sum(where, own)).map((sum) => sum / share.total);
        loss += finite(mean, where);
        stages.forEach((stage, k) => {
          losses[stage] += stageMeans[k];
          counts[stage]++;
        });
        const updates = pretrainUpdates(gradients, specs, state, config.weightDecay);
        exchangedBytes += await exchange.update(updates, iteration + 1, clock);
        monitor.step({
          phase: "pretrain",
          done: iteration + 1,
          total,
          epoch,
          loss: loss / (i + 1),
          live: [state.liveLayers.filter(Boolean).length, state.liveLayers.length],
          imagesPerSecond: (i + 1) * config.batch * config.accumulation / stepSeconds(clock.seconds),
        });
      }
      epochs.push({
        epoch,
        iterations: perEpoch,
        lossPerStage: losses.map((sum, stage) => state!.liveStages[stage] ? sum / counts[stage] : null),
        loss: loss / perEpoch,
        layerLr: state!.layerLr,
        liveLayers: state!.liveLayers,
        liveStages: state!.liveStages,
        seconds: clock.seconds,
        wallSeconds: clock.wall(),
        ...(exchangedBytes > 0 && { exchangedBytes }),
      });
      // Ranks that are stopped may hear of it in the comparison, after the epoch's last update.
      const between = { epochs: [...epochs], events: [...events], sums: nothing };
      await reached({ arena, iteration: (epoch + 1) * perEpoch, progress: between });
      await sameWeights(ranks, arena, `pre-training epoch ${epoch + 1}`);
    }
  } finally {
    stepper?.step.dispose();
  }
  await keeper?.save({ arena, iteration: total, progress: { epochs, events, sums: nothing } });
  return { arena, epochs, events };
}

function emptySums(stages: number): PretrainProgress["sums"] {
  const zeros = () => new Array<number>(stages).fill(0);
  return { losses: zeros(), counts: zeros(), loss: 0, seconds: {}, wall: 0 };
}
