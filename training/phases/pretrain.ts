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
import { type GivenTargets, withGiven } from "../givenTargets.ts";
import { openFeatures } from "../teacher/featureMaps.ts";
import { checkTeacher } from "../teacher/teacher.ts";
import { checkTokens, openTokens } from "../tokens/openTokens.ts";
import type { Work } from "../work.ts";
import type { Runner } from "./runner.ts";

const KIND = "pretrain", NAME = "pre-training";
const NO_TEACHER = "its targets are the features of a teacher, want --teacher PATH with its weights";
const NO_TOKENS = "its targets are the words of a file, want --tokens PATH with them";

/** A stretch of steps, made anew when something freezes; its feeder only when a stage ends. */
interface Current {
  stretch: Stretch;
  state: FreezeState;
  images: number;
}

/**
 * Pre-training by a method with progressive freezing (thesis 3.2 to 3.5), as the loop sees it.
 *
 * @param given of the images, where a teacher's features or words of a file are the targets
 * @param ahead how many batches are prepared while one is used
 * @throws {UserError} when they are wanted and not there
 */
export function pretrainObjective(
  config: PretrainConfig,
  split: ImageSplit,
  seed: number,
  given?: GivenTargets,
  ahead?: number,
): Objective<Batch> {
  const { method, config: model } = methodOf(config.method), { batch, accumulation, cropsPerImage } = config;
  if (!given && method.teacher?.(model)) throw new UserError(`Cannot pre-train: ${NO_TEACHER}`);
  if (!given && method.tokens?.(model)) throw new UserError(`Cannot pre-train: ${NO_TOKENS}`);
  const parameters = method.parameters(model), specs = new Map(parameters.map((spec) => [spec.name, spec]));
  const { vit: { imageSize }, ...shape } = method.encoder(model), { lrFactor } = method.views(model);
  const perEpoch = iterationsPerEpoch(split.length, batch, accumulation, cropsPerImage);
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
      const batches = epochBatches(
        split,
        { ...config, kind: KIND, seed, imageSize, places },
        epoch,
        count,
        start,
        ahead,
      );
      return given ? withGiven(batches, given) : batches;
    },
    stretch(iteration, images) {
      const state = freezeState(schedule, iteration);
      if (!current || current.images !== images || !sameLiving(current.state, state)) current = make(iteration, images);
      return current.stretch;
    },
    feeds({ pixels, places, given }, epoch, stretch, clock) {
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

/** What is known of all images, where the method has a teacher or a file of words and it is there. */
async function givenFor(config: PretrainConfig, work: Work): Promise<GivenTargets | undefined> {
  const { method, config: model } = methodOf(config.method), { vit } = method.encoder(model);
  const features = method.teacher?.(model), words = method.tokens?.(model);
  if (features && work.teacher) {
    checkTeacher(work.teacher.model, vit, features);
    return await openFeatures(work.teacher, work);
  }
  if (!words || !work.tokens) return undefined;
  checkTokens(work.tokens, vit, words);
  return openTokens(work.tokens, vit, work.dataset.train);
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
    const { batch, cropsPerImage = 1 } = config;
    if (batch % cropsPerImage) return `batch ${batch}: want a multiple of the ${cropsPerImage} crops of each image`;
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
  batch: ({ batch, accumulation, cropsPerImage }) => ({ batch, accumulation, cropsPerImage, pairs: false }),
  async run(config, work) {
    const objective = pretrainObjective(config, work.dataset.train, work.seed, await givenFor(config, work));
    const trained = await train(objective, work);
    const imagesPerIteration = config.batch * config.accumulation;
    return { ...trained, params: countOf(objective.parameters), imagesPerIteration, metrics: {} };
  },
};
