import type { LocalMimConfig } from "../methods/localmim/config.ts";
import type { FreezeSchedule } from "../schedules/freezeSchedule.ts";
import type { Device } from "./device.ts";
import { type Network, type ParallelStep, parallelStep } from "./exchange.ts";
import { type Prediction, predictRun, type RunCost, stateSpans } from "./runCost.ts";
import type { CostState } from "./state.ts";
import type { StepOptions } from "./stepCost.ts";

/** What a run on many nodes costs: operations of one node, seconds of all together. */
export interface ParallelRunCost extends RunCost {
  /** Bytes that each rank sends, and receives. */
  sentBytes: number;
  /** Seconds of the same steps on one node, with that node's images alone, over those on all. */
  efficiency: number;
}

/** A run on many nodes beside the same run without freezing. */
export interface ParallelPrediction extends Prediction {
  baseline: ParallelRunCost;
  frozen: ParallelRunCost;
  /** 1 - frozen / baseline. */
  saving: Prediction["saving"] & { sentBytes: number };
  /** Bytes that each rank need not send, since what is frozen has no gradient. */
  savedBytes: number;
}

/**
 * Predicts a run on many nodes, and what freezing saves of it there.
 *
 * @param schedule its iterations are steps of all nodes together
 * @param options a node's own images
 */
export function predictParallelRun(
  config: LocalMimConfig,
  schedule: FreezeSchedule,
  options: StepOptions,
  device: Device,
  network: Network,
): ParallelPrediction {
  const alone = predictRun(config, schedule, options, device);
  const stepOf = (state: CostState) => parallelStep(config, state, options, device, network);
  const frozen = parallelRun(alone.frozen, schedule, stepOf);
  const baseline = parallelRun(alone.baseline, { ...schedule, t0: 1 }, stepOf);
  const saved = (key: "seconds" | "sentBytes") => 1 - frozen[key] / baseline[key];
  return {
    baseline,
    frozen,
    saving: { ...alone.saving, seconds: saved("seconds"), sentBytes: saved("sentBytes") },
    savedBytes: baseline.sentBytes - frozen.sentBytes,
  };
}

function parallelRun(
  alone: RunCost,
  schedule: FreezeSchedule,
  stepOf: (state: CostState) => ParallelStep,
): ParallelRunCost {
  const sums = stateSpans(schedule).reduce((sum, { state, steps }) => {
    const { seconds, sentBytes } = stepOf(state);
    return { seconds: sum.seconds + steps * seconds, sentBytes: sum.sentBytes + steps * sentBytes };
  }, { seconds: 0, sentBytes: 0 });
  return { flops: alone.flops, ...sums, efficiency: alone.seconds / sums.seconds };
}
