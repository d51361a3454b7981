import { netSpans, stepWork, wholeWork } from "../../core/cost/convNet.ts";
import { describePower } from "../../core/schedules/describe.ts";
import type { FreezeOutSchedule } from "../../core/schedules/freezeOut.ts";
import type { TrainConfig } from "../../training/config.ts";
import { freezeOutOf, netOf } from "../../training/phases/train.ts";
import { type Course, joined, savedBy } from "./course.ts";

/** Classes with which a net's work is counted; its head is a few thousandths of it. */
const SOME_CLASSES = 10;

/** The course of a convolutional net, whose backward pass ends at its first live layer. */
export function netCourse(config: TrainConfig, iterationsPerEpoch: number): Course {
  const { net, config: model } = netOf(config, SOME_CLASSES), layers = net.layers(model);
  const schedule = freezeOutOf(config, layers, iterationsPerEpoch),
    names = net.parameters(model).map(({ name }) => name);
  const whole = wholeWork(stepWork(net, model, 0));
  const costOf = (firstLive: number) => wholeWork(stepWork(net, model, firstLive)) / whole;
  const spans = (of: FreezeOutSchedule) =>
    netSpans(of).map(({ firstLive, iterations: steps }) => ({ firstLive, steps, cost: costOf(firstLive) }));
  const saving = (change: Partial<FreezeOutSchedule>) => savedBy(spans({ ...schedule, ...change }));
  let from = 0;
  const stretches = spans(schedule).map(({ firstLive: end, steps, cost }) => {
    const because = names.find((name) => net.layerOf(model, name) === end) ?? "nothing";
    const stretch = { from, steps, live: layers - end, stages: 1, end, because, through: 0, cost };
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
        { what: "as it is", share: saving({}) },
        ...[0.5, 0.7, 0.9].filter((t0) => t0 !== freeze.t0).map((t0) => ({
          what: `t0 = ${t0}`,
          share: saving({ t0 }),
        })),
        ...(freeze.power === 1 ? [] : [{ what: "linear times (power 1)", share: saving({ power: 1 }) }]),
      ]
      : [],
    floor: costOf(layers - 1),
  };
}
