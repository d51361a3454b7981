import type { ConvNet } from "../models/convnet/convNet.ts";
import type { Part } from "../models/convnet/parts.ts";
import { freezeOutIterations, type FreezeOutSchedule, freezeOutState } from "../schedules/freezeOut.ts";

/** Multiply-adds of convolutions and linear maps; elementwise operators are left to the time that they take beside these. */
export interface NetWork {
  forward: number;
  /** Gradients of inputs: flipped filters over the gradient of the output. */
  inputGradient: number;
  /** Gradients of filters and weights. */
  weightGradient: number;
}

/** Multiply-adds of a part for one image; of its input's and its weights' gradient each as many again. */
export function multiplyAdds(part: Part): number {
  switch (part.kind) {
    case "conv":
      return part.from * part.to * part.kernel ** 2 * Math.ceil(part.side / part.stride) ** 2;
    case "linear":
      return part.from * part.to;
    case "norm":
      return 0;
  }
}

/** Multiply-adds of each layer's forward pass for one image. */
export function layerMultiplyAdds<Config>(net: ConvNet<Config>, config: Config): number[] {
  return net.parts(config).map((parts) => parts.reduce((sum, part) => sum + multiplyAdds(part), 0));
}

/**
 * Multiply-adds of one image in a training step. Frozen layers have a forward pass only; of the first live layer the
 * convolutions at its entry need no gradient of their input.
 *
 * @param firstLive index of the first layer that trains
 */
export function stepWork<Config>(net: ConvNet<Config>, config: Config, firstLive: number): NetWork {
  const work: NetWork = { forward: 0, inputGradient: 0, weightGradient: 0 };
  net.parts(config).forEach((parts, layer) => {
    for (const part of parts) {
      const count = multiplyAdds(part), isEntry = part.kind !== "norm" && part.entry === true;
      work.forward += count;
      if (layer < firstLive) continue;
      work.weightGradient += count;
      if (layer > firstLive || !isEntry) work.inputGradient += count;
    }
  });
  return work;
}

/** Multiply-adds of forward and backward pass together. */
export function wholeWork({ forward, inputGradient, weightGradient }: NetWork): number {
  return forward + inputGradient + weightGradient;
}

/** Iterations of a run between two freezes. */
export interface NetSpan {
  firstLive: number;
  iterations: number;
}

/** The stretches that a schedule passes through, in order; their iterations make up the run. */
export function netSpans(schedule: FreezeOutSchedule): NetSpan[] {
  const end = schedule.epochs * schedule.iterationsPerEpoch;
  const freezes = freezeOutIterations(schedule).filter((iteration) => iteration !== null);
  const starts = [...new Set([0, ...freezes])].sort((a, b) => a - b);
  return starts.map((start, k) => ({
    firstLive: freezeOutState(schedule, start).firstLive,
    iterations: (starts[k + 1] ?? end) - start,
  }));
}

/** What freezing saves of a run, from 0 to 1. */
export interface NetSaving {
  /** As FreezeOut counts: a layer's backward pass costs what its forward pass costs. */
  counted: number;
  /** The same where it costs twice that. */
  doubled: number;
  /** By the multiply-adds of a step: no gradient of the images, none of the input of the first live layer's entry. */
  multiplyAdds: number;
}

/** Predicts what freezing saves of a run. */
export function predictSaving<Config>(net: ConvNet<Config>, config: Config, schedule: FreezeOutSchedule): NetSaving {
  const layers = layerMultiplyAdds(net, config), forward = layers.reduce((sum, each) => sum + each, 0);
  const live = (firstLive: number) => layers.slice(firstLive).reduce((sum, each) => sum + each, 0);
  return {
    counted: savingOf(schedule, (firstLive) => forward + live(firstLive)),
    doubled: savingOf(schedule, (firstLive) => forward + 2 * live(firstLive)),
    multiplyAdds: savingOf(schedule, (firstLive) => wholeWork(stepWork(net, config, firstLive))),
  };
}

/**
 * What a run saves when a step costs so much.
 *
 * @param costOf a step whose first live layer is this one, in any unit, e.g. seconds that were measured
 */
export function savingOf(schedule: FreezeOutSchedule, costOf: (firstLive: number) => number): number {
  const iterations = schedule.epochs * schedule.iterationsPerEpoch;
  const spent = netSpans(schedule).reduce((sum, span) => sum + span.iterations * costOf(span.firstLive), 0);
  return 1 - spent / (iterations * costOf(0));
}
