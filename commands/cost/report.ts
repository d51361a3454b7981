import { flopsOf } from "../../core/cost/cost.ts";
import { type Device, type StepSeconds, stepSeconds, wholeSeconds } from "../../core/cost/device.ts";
import { DEVICES } from "../../core/cost/devices.ts";
import { type ParallelStep, parallelStep } from "../../core/cost/exchange.ts";
import { type ParallelPrediction, predictParallelRun } from "../../core/cost/parallelRun.ts";
import { type Prediction, predictRun, relativeTimes } from "../../core/cost/runCost.ts";
import { frozenPrefix } from "../../core/cost/state.ts";
import { STEP_PARTS, stepCost } from "../../core/cost/stepCost.ts";
import type { CostRequest } from "./flags.ts";

/** One line of a step's cost. */
export interface PartCost {
  part: keyof StepSeconds;
  flops: number;
  bytes: number;
  seconds: number;
}

/** A step's relative time on one node with a number of frozen layers. */
export interface FrozenCost {
  frozen: number;
  /** Decoders that are left. */
  decoders: number;
  cut: number;
  live: number;
  /** The same step on all nodes, where there are more than one, with the pass that the run makes. */
  parallel?: ParallelStep;
}

/** Everything that the cost command says. */
export interface CostReport {
  request: CostRequest;
  device: Device;
  /** Of one node's optimiser step with nothing frozen. */
  parts: PartCost[];
  step: { images: number; flops: number; bytes: number; seconds: number };
  frozenLayers: FrozenCost[];
  run: (Prediction | ParallelPrediction) & { steps: number };
}

/** The predicted cost of a run, before it starts. */
export function costReport(request: CostRequest): CostReport {
  const { config, options, schedule, network } = request, device: Device = DEVICES[request.device];
  const step = stepCost(config, frozenPrefix(config, 0), options), seconds = stepSeconds(step, device);
  const parts: PartCost[] = STEP_PARTS.map((part) => ({
    part,
    flops: flopsOf(step.parts[part]),
    bytes: step.parts[part].bytes,
    seconds: seconds[part],
  }));
  parts.push({ part: "fixed", flops: 0, bytes: 0, seconds: seconds.fixed });
  const sum = (key: "flops" | "bytes") => parts.reduce((total, part) => total + part[key], 0);
  const relative = (backward: "cut" | "live") => relativeTimes(config, { ...options, backward }, device);
  const cut = relative("cut"), live = relative("live");
  return {
    request,
    device,
    parts,
    step: { images: step.images, flops: sum("flops"), bytes: sum("bytes"), seconds: wholeSeconds(seconds) },
    frozenLayers: cut.map((share, frozen) => ({
      frozen,
      decoders: config.stageBlocks.filter((block) => block >= frozen).length,
      cut: share,
      live: live[frozen],
      ...(network && { parallel: parallelStep(config, frozenPrefix(config, frozen), options, device, network) }),
    })),
    run: {
      steps: schedule.epochs * schedule.iterationsPerEpoch,
      ...(network
        ? predictParallelRun(config, schedule, options, device, network)
        : predictRun(config, schedule, options, device)),
    },
  };
}
