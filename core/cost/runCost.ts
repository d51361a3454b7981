import type { LocalMimConfig } from "../methods/localmim/config.ts";
import { freezeState } from "../schedules/freezeState.ts";
import { runLength } from "../schedules/freezeSpans.ts";
import { freezeEpochs } from "../schedules/layerPlan.ts";
import type { FreezeSchedule } from "../schedules/freezeSchedule.ts";
import { flopsOf } from "./cost.ts";
import { type Device, stepSeconds, wholeSeconds } from "./device.ts";
import { type CostState, frozenPrefix } from "./state.ts";
import { type StepCost, stepCost, type StepOptions, wholeStep } from "./stepCost.ts";

/** A stretch of a run in which nothing freezes. */
export interface StateSpan {
  state: CostState;
  /** Optimiser steps. */
  steps: number;
}

/** What a whole pre-training run costs. */
export interface RunCost {
  /** Operations of all matrix products. */
  flops: number;
  seconds: number;
}

/** A run beside the same run without freezing. */
export interface Prediction {
  baseline: RunCost;
  frozen: RunCost;
  /** 1 - frozen / baseline, of the seconds and of the operations. */
  saving: { seconds: number; flops: number };
}

/** The states that a schedule passes through, in order; their steps make up the run. */
export function stateSpans(schedule: FreezeSchedule): StateSpan[] {
  const { iterations } = runLength(schedule);
  const freezes = freezeEpochs(schedule).flatMap((epoch) => {
    const at = epoch === null ? iterations : Math.floor(epoch * schedule.iterationsPerEpoch);
    // A layer freezes at or just after this moment; rounding may lie on either side of it.
    return [at - 1, at, at + 1, at + 2];
  });
  const starts = [...new Set([0, ...freezes.filter((at) => at > 0 && at < iterations)])].sort((a, b) => a - b);
  return starts.map((start, k) => ({
    state: freezeState(schedule, start),
    steps: (starts[k + 1] ?? iterations) - start,
  }));
}

/** Time and operations of a run by what a step of each state costs. */
export function runCost(schedule: FreezeSchedule, costOf: (state: CostState) => StepCost, device: Device): RunCost {
  return stateSpans(schedule).reduce((sum, { state, steps }) => {
    const step = costOf(state);
    return {
      flops: sum.flops + steps * flopsOf(wholeStep(step)),
      seconds: sum.seconds + steps * wholeSeconds(stepSeconds(step, device)),
    };
  }, { flops: 0, seconds: 0 });
}

/** Predicts a run, and what freezing saves of it. */
export function predictRun(
  config: LocalMimConfig,
  schedule: FreezeSchedule,
  options: StepOptions,
  device: Device,
): Prediction {
  const costOf = (state: CostState) => stepCost(config, state, options);
  const frozen = runCost(schedule, costOf, device), baseline = runCost({ ...schedule, t0: 1 }, costOf, device);
  const saved = (key: keyof RunCost) => 1 - frozen[key] / baseline[key];
  return { baseline, frozen, saving: { seconds: saved("seconds"), flops: saved("flops") } };
}

/** Seconds of a step with 0, 1, … depth frozen layers, each relative to the first. */
export function relativeTimes(config: LocalMimConfig, options: StepOptions, device: Device): number[] {
  const seconds = Array.from(
    { length: config.depth + 1 },
    (_, frozen) => wholeSeconds(stepSeconds(stepCost(config, frozenPrefix(config, frozen), options), device)),
  );
  return seconds.map((each) => each / seconds[0]);
}
