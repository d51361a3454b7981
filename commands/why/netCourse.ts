import { netSpans, savingOf, stepWork, wholeWork } from "../../core/cost/convNet.ts";
import { describePower } from "../../core/schedules/describe.ts";
import type { TrainConfig } from "../../training/config.ts";
import { freezeOutOf, netOf } from "../../training/phases/train.ts";
import { type Course, joined, otherwise } from "./course.ts";

/** Classes with which a net's work is counted; its head is a few thousandths of it. */
const SOME_CLASSES = 10;

/** The course of a convolutional net, whose backward pass ends at its first live layer. */
export function netCourse(config: TrainConfig, iterationsPerEpoch: number): Course {
  const { net, config: model } = netOf(config, SOME_CLASSES), layers = net.layers(model);
  const schedule = freezeOutOf(config, layers, iterationsPerEpoch),
    names = net.parameters(model).map(({ name }) => name);
  const whole = wholeWork(stepWork(net, model, 0));
  const costOf = (firstLive: number) => wholeWork(stepWork(net, model, firstLive)) / whole;
  let from = 0;
  const stretches = netSpans(schedule).map(({ firstLive: end, iterations: steps }) => {
    const because = names.find((name) => net.layerOf(model, name) === end) ?? "nothing";
    const stretch = { from, steps, live: layers - end, stages: 1, end, because, through: 0, cost: costOf(end) };
    from += steps;
    return stretch;
  });
  const { freeze } = config;
  return {
    title: `${net.title(model)}; ${freeze ? `t0 = ${freeze.t0}, ${describePower(freeze.power)}` : "no freezing"}`,
    layers,
    stages: 1,
    stretches: joined(stretches),
    savings: freeze
      ? [
        { what: "as it is", share: savingOf(schedule, costOf) },
        ...otherwise(freeze, (change) => savingOf({ ...schedule, ...change }, costOf)),
      ]
      : [],
    floor: costOf(layers - 1),
  };
}
