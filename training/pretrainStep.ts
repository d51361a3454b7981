import type { Arena } from "../core/engine/arena.ts";
import type { Feeds, Outputs, Step } from "../core/engine/program.ts";
import { createHog, type Hog } from "../core/hog/createHog.ts";
import { type Mask, randomMask } from "../core/masking/randomMask.ts";
import { cellSize, targetChannels } from "../core/methods/localmim/config.ts";
import { gridSize, tokenCount } from "../core/models/config.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { maskFeeds, targetFeed } from "../core/methods/localmim/feeds.ts";
import { randomStream } from "../core/random/stream.ts";
import type { FreezeState } from "../core/schedules/freezeState.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import type { Batch } from "./batches.ts";
import type { Clock } from "./clock.ts";
import { gradientNames } from "./liveness.ts";
import type { PretrainOptions } from "./pretrain.ts";

/** What has to be made anew when a layer freezes: the step with its gradients, and the targets still wanted. */
export interface Stepper {
  step: Step;
  hog: Hog;
  /** Indices of the live stages. */
  stages: number[];
  gradients: string[];
}

/**
 * Makes the step of a state of the schedule: the program without pruned stages, with gradients of what lives.
 *
 * @param images of a pass
 * @param before the step of the state before, whose targets stay the same unless a stage was pruned
 */
export async function createStepper(
  { engine, model, backward }: Pick<PretrainOptions, "engine" | "model" | "backward">,
  images: number,
  state: FreezeState,
  arena: Arena,
  before?: Stepper,
): Promise<Stepper> {
  const program = localMimProgram({
    config: model,
    batch: images,
    liveStages: state.liveStages,
    heads: "masked",
  });
  const gradients = gradientNames(program.parameters, state, backward);
  const stages = model.stageBlocks.map((_, stage) => stage).filter((stage) => state.liveStages[stage]);
  const { imageSize, hogBins: bins } = model;
  const cells = stages.map((stage) => cellSize(model, stage));
  const hog = before?.stages.length === stages.length
    ? before.hog
    : createHog({ height: imageSize, width: imageSize, cells, bins });
  return { step: await engine.train(program, arena, gradients), hog, stages, gradients };
}

/** HOG targets, masks and one forward and backward pass of one micro-batch. */
export async function microStep(
  { step, hog, stages }: Stepper,
  { model, seed }: Pick<PretrainOptions, "model" | "seed">,
  { pixels, places }: Batch,
  epoch: number,
  clock: Clock<"hog" | "step">,
): Promise<Outputs> {
  const { imageSize } = model, bytes = imageSize * imageSize * 3, grid = gridSize(model), count = places.length;
  clock.start();
  const targets = stages.map((stage) =>
    new Float32Array(count * (grid * model.stageScales[stage]) ** 2 * targetChannels(model))
  );
  for (let b = 0; b < count; b++) hog(pixels, b * bytes, targets, b);
  clock.mark("hog");
  const images = new Float32Array(pixels.length);
  const masks: Mask[] = [];
  for (let b = 0; b < count; b++) {
    toPlanar(pixels.subarray(b * bytes, (b + 1) * bytes), images, b * bytes);
    masks.push(randomMask(randomStream(seed, "mask", epoch, places[b]), tokenCount(model), model.maskRatio));
  }
  const feeds: Feeds = {
    ...maskFeeds(model, masks),
    patches: gatherPatches(images, model, masks.map(({ idsKeep }) => idsKeep)),
  };
  stages.forEach((stage, k) => feeds[`target${stage}`] = targetFeed(model, stage, targets[k], masks));
  const outputs = await step.run(feeds);
  clock.mark("step");
  return outputs;
}
