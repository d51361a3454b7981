import { countOf } from "../../core/engine/program.ts";
import { initialize } from "../../core/models/init.ts";
import type { ConvNet, ConvNetConfig } from "../../core/models/convnet/convNet.ts";
import { type ChosenNet, convNetOf } from "../../core/models/convnet/mod.ts";
import { statisticsSpecs } from "../../core/models/convnet/statistics.ts";
import type { ModelParameter } from "../../core/models/parameters.ts";
import { checkFreezeOut, type FreezeOutSchedule, freezeOutState } from "../../core/schedules/freezeOut.ts";
import { holdOut } from "../../datasets/heldOut.ts";
import type { Metrics, PhaseEvent } from "../../records/schema.ts";
import { iterationsPerEpoch } from "../batches.ts";
import { type TrainConfig, trainConfigSchema } from "../config.ts";
import { type ConvBatch, convBatches } from "../convBatches.ts";
import { ConvEvaluation } from "../convEvaluate.ts";
import { train as trainAll } from "../loop.ts";
import { breathe } from "../monitor.ts";
import type { Objective, Stretch } from "../objective.ts";
import { dropoutStream } from "../streams.ts";
import { StatisticsMover } from "../statisticsMover.ts";
import { type WholeImages, wholeImages } from "../wholeImages.ts";
import type { Runner } from "./runner.ts";

const KIND = "train", NAME = "training";

/** The network of a config with so many classes. */
export function netOf({ net }: Pick<TrainConfig, "net">, numClasses: number): ChosenNet<ConvNetConfig> {
  return convNetOf({ ...net, numClasses }) as ChosenNet<ConvNetConfig>;
}

/** All tensors of a network: what is trained, then running statistics, which start at mean 0 and variance 1. */
function tensorsOf(net: ConvNet<ConvNetConfig>, config: ConvNetConfig): ModelParameter[] {
  const running = statisticsSpecs(net.statistics(config)).map((spec): ModelParameter => ({
    ...spec,
    init: { kind: "constant", value: spec.name.endsWith(".running_var") ? 1 : 0 },
  }));
  return [...net.parameters(config), ...running];
}

/** FreezeOut's schedule of a network with so many layers and iterations an epoch. */
export function freezeOutOf(
  { lr: baseLr, epochs, epochLength, freeze, counts = true }: TrainConfig,
  layers: number,
  iterationsPerEpoch: number,
): FreezeOutSchedule {
  const lengthPerEpoch = epochLength ?? iterationsPerEpoch, run = { layers, baseLr, epochs, iterationsPerEpoch };
  return { ...run, lengthPerEpoch, counts, ...(freeze ?? { t0: 1, power: 1, scaled: false }) };
}

/** What is looked at in training: images that are trained on, and those that are held out. */
export interface TrainImages {
  train: WholeImages;
  /** Looked at after every epoch; none: nothing is. */
  validation?: (arena: Parameters<ConvEvaluation["metrics"]>[0]) => Promise<Metrics>;
}

/**
 * Training of a convolutional network from scratch with FreezeOut (thesis 4.2 and 4.3; FreezeOut's train.py), as the loop sees it.
 * A frozen layer's norms are in inference mode: neither its weights nor its running statistics move, and no backward pass reaches
 * it.
 */
export function trainObjective(
  config: TrainConfig,
  { train, validation }: TrainImages,
  numClasses: number,
  seed: number,
): Objective<ConvBatch> {
  const { net, config: model } = netOf(config, numClasses), { batch, accumulation, weightDecay } = config;
  const parameters = tensorsOf(net, model), perEpoch = iterationsPerEpoch(train.labels.length, batch, accumulation);
  const schedule = freezeOutOf(config, net.layers(model), perEpoch), mover = new StatisticsMover();
  checkFreezeOut(schedule);
  const layers = new Map(net.parameters(model).map(({ name }) => [name, net.layerOf(model, name)]));
  const norms = net.statistics(model), options = { imageSize: model.imageSize, padding: config.padding };
  const normalisation = { mean: config.mean, std: config.std };
  let made: { stretch: Stretch; images: number; firstLive: number } | undefined;
  return {
    kind: KIND,
    name: NAME,
    parameters,
    epochs: config.epochs,
    iterationsPerEpoch: perEpoch,
    batch: { batch, accumulation },
    optimizer: config.optimizer,
    parts: ["step", "optimizer", "compile"],
    losses: ["loss"],
    initialize: (arena) => initialize(arena, parameters, seed),
    batches: (epoch, count, start, places) =>
      convBatches(train, { ...options, normalisation }, { kind: KIND, seed, epoch }, { count, start, places }),
    stretch(iteration, images) {
      const { firstLive } = freezeOutState(schedule, iteration);
      if (made?.images !== images || made.firstLive !== firstLive) {
        const gradients = [...layers].filter(([, layer]) => layer >= firstLive).map(([name]) => name);
        const program = net.program(model, images, firstLive);
        made = { images, firstLive, stretch: { program, gradients, losses: ["loss"] } };
      }
      return made.stretch;
    },
    feeds({ images, labels, first }, epoch, { program }, clock) {
      const targets = new Float32Array(labels.length * numClasses), { keep } = program.inputs;
      labels.forEach((label, i) => targets[i * numClasses + label] = 1);
      const random = dropoutStream({ kind: KIND, seed, epoch }, first);
      const kept = keep && Float32Array.from(
        { length: keep.shape.reduce((product, extent) => product * extent) },
        () => random.uniform() < 0.5 ? 0 : 1,
      );
      clock.mark("inputs");
      return { images, targets, ...(kept && { keep: kept }) };
    },
    absorb(outputs) {
      const live = norms.filter(({ layer }) => layer >= made!.firstLive).map(({ name }) => name);
      mover.add(live, outputs);
    },
    settle: (arena, ranks, passes) => mover.move(arena, ranks, passes),
    updates(iteration, { gradients }) {
      const { layerLr } = freezeOutState(schedule, iteration);
      return gradients.map((name) => ({ name, lr: layerLr[layers.get(name)!], weightDecay }));
    },
    events(iteration) {
      if (iteration === 0) return [];
      const before = freezeOutState(schedule, iteration - 1), { liveLayers } = freezeOutState(schedule, iteration);
      return liveLayers.flatMap((live, at): PhaseEvent[] =>
        before.liveLayers[at] && !live ? [{ kind: "freeze", at, iteration }] : []
      );
    },
    facts(iteration) {
      const { layerLr, liveLayers } = freezeOutState(schedule, iteration);
      return { rates: layerLr, live: { layers: liveLayers, stages: [] } };
    },
    ...(validation && { measure: (arena) => validation(arena) }),
  };
}

/** Classes with which a config is checked where the data are not known yet. */
const SOME_CLASSES = 10;

/** Training of a convolutional network from scratch; the error of images that are held out is measured after every epoch. */
export const train: Runner<TrainConfig> = {
  kind: KIND,
  name: NAME,
  config: trainConfigSchema,
  fault(config) {
    netOf(config, SOME_CLASSES);
    return undefined;
  },
  imageSize: ({ net }) => net.imageSize as number,
  model(config, classes) {
    const { name, config: model } = netOf(config, classes);
    return { kind: name, config: model };
  },
  parameters(config, classes) {
    const { net, config: model } = netOf(config, classes);
    return tensorsOf(net, model);
  },
  batch: ({ batch, accumulation }) => ({ batch, accumulation, pairs: false }),
  checkImages(config, images) {
    const { net, config: model } = netOf(config, SOME_CLASSES), { batch, accumulation, validation } = config;
    const perEpoch = iterationsPerEpoch(images - validation, batch, accumulation);
    checkFreezeOut(freezeOutOf(config, net.layers(model), perEpoch));
  },
  async run(config, work) {
    const { engine, monitor, dataset, seed } = work, numClasses = dataset.classes.length;
    const { net, config: model } = netOf(config, numClasses), { mean, std, batch, accumulation } = config;
    const parts = holdOut(dataset.train, config.validation), pause = () => breathe(monitor);
    const [images, heldOut, test] = await Promise.all(
      [parts.train, parts.validation, dataset.test].map((split) => wholeImages(split, model.imageSize, pause)),
    );
    const evaluation = new ConvEvaluation(engine, net, model, { mean, std }, monitor);
    try {
      const objective = trainObjective(
        config,
        {
          train: images,
          ...(config.validation > 0 && { validation: (arena) => evaluation.metrics(arena, heldOut) }),
        },
        numClasses,
        seed,
      );
      const trained = await trainAll(objective, work);
      const metrics = test.labels.length > 0 ? await evaluation.metrics(trained.arena, test) : {};
      const params = countOf(net.parameters(model)), imagesPerIteration = batch * accumulation;
      return { ...trained, params, imagesPerIteration, metrics };
    } finally {
      evaluation.dispose();
    }
  },
};
