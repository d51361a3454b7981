import { countOf } from "../../core/engine/program.ts";
import { UserError } from "../../core/errors.ts";
import type { Feeder } from "../../core/methods/method.ts";
import { methodOf } from "../../core/methods/mod.ts";
import type { EncoderConfig } from "../../core/models/config.ts";
import { initialize } from "../../core/models/init.ts";
import { type FreezeState, freezeState } from "../../core/schedules/freezeState.ts";
import type { ImageSplit } from "../../datasets/dataset.ts";
import { toPlanar } from "../../datasets/transforms/normalize.ts";
import { type Batch, epochBatches, iterationsPerEpoch } from "../batches.ts";
import { type PretrainConfig, pretrainConfigSchema } from "../config.ts";
import { gradientNames, pretrainUpdates, sameLiving, stateEvents } from "../liveness.ts";
import { train } from "../loop.ts";
import type { Objective, Stretch } from "../objective.ts";
import { scheduleOf } from "../schedule.ts";
import { maskStream } from "../streams.ts";
import { withFeatures } from "../teacher/cropFeatures.ts";
import { type FeatureMaps, openFeatures } from "../teacher/featureMaps.ts";
import { checkTeacher } from "../teacher/teacher.ts";
import type { Work } from "../work.ts";
import type { Runner } from "./runner.ts";

const KIND = "pretrain", NAME = "pre-training";
const NO_TEACHER = "its targets are the features of a teacher, want --teacher PATH with its weights";

/** A stretch of steps, made anew when something freezes; its feeder only when a stage ends. */
interface Current {
  stretch: Stretch;
  state: FreezeState;
  images: number;
}

/**
 * Pre-training by a method with progressive freezing (thesis 3.2 to 3.5), as the loop sees it.
 *
 * @param features of the images, where a teacher's are the targets
 * @throws {UserError} when they are wanted and not there
 */
export function pretrainObjective(
  config: PretrainConfig,
  split: ImageSplit,
  seed: number,
  features?: FeatureMaps,
): Objective<Batch> {
  const { method, config: model } = methodOf(config.method), { batch, accumulation } = config;
  if (method.teacher?.(model) && !features) throw new UserError(`Cannot pre-train: ${NO_TEACHER}`);
  const parameters = method.parameters(model), specs = new Map(parameters.map((spec) => [spec.name, spec]));
  const { vit: { imageSize }, ...shape } = method.encoder(model), { lrFactor } = method.views(model);
  const perEpoch = iterationsPerEpoch(split.length, batch, accumulation);
  const schedule = scheduleOf(config, { ...shape }, perEpoch, lrFactor), backward = config.freeze?.backward ?? "cut";
  const stageLosses = method.stageLosses(model), owner = (name: string) => method.owner(name, model);
  const feeders = new WeakMap<Stretch, Feeder>();
  let current: Current | undefined;
  const make = (iteration: number, images: number): Current => {
    const state = freezeState(schedule, iteration), { liveStages } = state;
    const program = method.program(model, images, liveStages);
    const stretch: Stretch = {
      program,
      gradients: gradientNames(program.parameters, owner, state, backward),
      losses: ["loss", ...stageLosses.filter((_, stage) => liveStages[stage])],
    };
    const same = current && JSON.stringify(current.state.liveStages) === JSON.stringify(liveStages);
    feeders.set(stretch, same ? feeders.get(current!.stretch)! : method.feeder(model, liveStages));
    return { stretch, state, images };
  };
  return {
    kind: KIND,
    name: NAME,
    parameters,
    epochs: config.epochs,
    iterationsPerEpoch: perEpoch,
    batch: { batch, accumulation },
    optimizer: { kind: "adamw", ...config },
    parts: ["targets", "step", "optimizer", "compile"],
    losses: ["loss", ...stageLosses],
    initialize: (arena) => initialize(arena, parameters, seed),
    batches(epoch, count, start, places) {
      const batches = epochBatches(split, { ...config, kind: KIND, seed, imageSize, places }, epoch, count, start);
      return features ? withFeatures(batches, features) : batches;
    },
    stretch(iteration, images) {
      const state = freezeState(schedule, iteration);
      if (!current || current.images !== images || !sameLiving(current.state, state)) current = make(iteration, images);
      return current.stretch;
    },
    feeds({ pixels, places, features: given }, epoch, stretch, clock) {
      const feeder = feeders.get(stretch)!, count = places.length, bytes = imageSize * imageSize * 3;
      const targets = given ? [given] : feeder.targets(pixels, count), images = new Float32Array(pixels.length);
      clock.mark("targets");
      for (let b = 0; b < count; b++) toPlanar(pixels.subarray(b * bytes, (b + 1) * bytes), images, b * bytes);
      return feeder.inputs(
        images,
        count,
        targets,
        (image, view) => maskStream({ kind: KIND, seed, epoch }, places[image], view),
      );
    },
    updates: (iteration, { gradients }) =>
      pretrainUpdates(gradients, specs, owner, freezeState(schedule, iteration), config.weightDecay),
    events: (iteration) =>
      iteration === 0
        ? []
        : stateEvents(freezeState(schedule, iteration - 1), freezeState(schedule, iteration), iteration),
    facts(iteration) {
      const { layerLr, liveLayers, liveStages } = freezeState(schedule, iteration);
      return { rates: layerLr, live: { layers: liveLayers, stages: liveStages } };
    },
  };
}

function encoderOf(config: PretrainConfig): EncoderConfig {
  const { method, config: model } = methodOf(config.method);
  return method.encoder(model).vit;
}

/** Features of all images, where the method has a teacher and one is given. */
async function featuresFor(config: PretrainConfig, work: Work): Promise<FeatureMaps | undefined> {
  const { method, config: model } = methodOf(config.method), wanted = method.teacher?.(model);
  if (!wanted || !work.teacher) return undefined;
  checkTeacher(work.teacher.model, method.encoder(model).vit, wanted);
  return await openFeatures(work.teacher, work);
}

/** Self-supervised pre-training by one of core/methods. */
export const pretrain: Runner<PretrainConfig> = {
  kind: KIND,
  name: NAME,
  config: pretrainConfigSchema,
  fault(config) {
    const { method, config: model } = methodOf(config.method), { freeze } = config;
    if (freeze?.t0 === 1 && (freeze.srLr ?? freeze.lrLr) !== undefined) {
      const rule = freeze.srLr === undefined ? "LR-LR" : "SR-LR";
      return `freeze.t0 1 with ${rule}: it has no effect where nothing freezes; want a t0 below 1`;
    }
    scheduleOf(config, method.encoder(model), 1);
    return undefined;
  },
  imageSize: (config) => encoderOf(config).imageSize,
  encoder: encoderOf,
  model(config) {
    const { name, config: model } = methodOf(config.method);
    return { kind: name, config: model as object };
  },
  parameters(config) {
    const { method, config: model } = methodOf(config.method);
    return method.parameters(model);
  },
  batch: ({ batch, accumulation }) => ({ batch, accumulation, pairs: false }),
  async run(config, work) {
    const features = await featuresFor(config, work);
    const objective = pretrainObjective(config, work.dataset.train, work.seed, features);
    const trained = await train(objective, work);
    const imagesPerIteration = config.batch * config.accumulation;
    return { ...trained, params: countOf(objective.parameters), imagesPerIteration, metrics: {} };
  },
};
