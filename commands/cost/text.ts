import type { StepSeconds } from "../../core/cost/device.ts";
import type { ParallelStep } from "../../core/cost/exchange.ts";
import type { ParallelRunCost } from "../../core/cost/parallelRun.ts";
import type { RunCost } from "../../core/cost/runCost.ts";
import { align, percent } from "../../cli/align.ts";
import { BUCKET_BYTES } from "../../core/parallel/buckets.ts";
import { describeFreezing, describeRun } from "../../core/schedules/describe.ts";
import type { CostReport } from "./report.ts";

const NAMES: Record<keyof StepSeconds, string> = {
  hog: "HOG targets",
  patchEmbed: "patch embedding",
  encoderForward: "blocks, forward",
  decoderForward: "decoders, forward",
  headForward: "heads and loss, forward",
  headBackward: "heads and loss, backward",
  decoderBackward: "decoders, backward",
  encoderBackward: "blocks, backward",
  optimiser: "optimiser",
  fixed: "fixed",
};

/** The predicted cost as text: settings, a step by part, a step by frozen layers, and the run. */
export function costText(report: CostReport): string {
  return [...settings(report), "", ...stepTable(report), "", ...frozenTable(report), "", ...runTable(report)].join(
    "\n",
  );
}

function settings({ request, device, run, step }: CostReport): string[] {
  const { model, config, images, schedule, options, network } = request;
  const { batch, accumulation, backward, heads, hog, embed } = options;
  return [
    `${model}, ${config.imageSize} px; ${describeFreezing({ ...schedule, scaled: true }).replace(", scaled", "")}; ` +
    describeRun(schedule),
    `${images} images, batch ${batch} x ${accumulation}, ${run.steps} steps; ` +
    `backward ${backward}, heads ${heads}, HOG ${hog}, embed ${embed}`,
    `device ${request.device}: ${device.name}`,
    `  rates from: ${device.source}`,
    ...(network
      ? [
        `${network.nodes} nodes at ${network.gigabitsPerSecond} Gb/s, ${network.nodes * step.images} images a step; ` +
        `ring all-reduce in buckets of ${BUCKET_BYTES / 2 ** 20} MiB`,
      ]
      : []),
  ];
}

function stepTable({ parts, step, request }: CostReport): string[] {
  const of = request.network ? " of one node" : "";
  const row = (name: string, flops: number, bytes: number, seconds: number) => [
    name,
    (flops / 1e9).toFixed(1),
    (bytes / 1e9).toFixed(3),
    seconds < 0.01 ? seconds.toFixed(6) : seconds.toFixed(4),
    percent(seconds / step.seconds),
  ];
  return align([
    [`one step${of}, ${step.images} images, nothing frozen`, "GFLOP", "GB", "seconds", "share"],
    ...parts.map(({ part, flops, bytes, seconds }) => row(NAMES[part], flops, bytes, seconds)),
    row("together", step.flops, step.bytes, step.seconds),
    row("per image", step.flops / step.images, step.bytes / step.images, step.seconds / step.images).toSpliced(
      4,
      1,
      "",
    ),
  ]);
}

function frozenTable({ frozenLayers, request }: CostReport): string[] {
  const parallel = request.network ? ["MB to sum", "exchange, s", "step, s", "efficiency"] : [];
  return align([
    ["frozen layers", "decoders", "relative time, cut", "live", ...parallel],
    ...frozenLayers.map(({ frozen, decoders, cut, live, parallel }) => [
      String(frozen),
      String(decoders),
      cut.toFixed(3),
      live.toFixed(3),
      ...(parallel ? parallelCells(parallel) : []),
    ]),
  ]);
}

function parallelCells({ bytes, exchangeSeconds, seconds, efficiency }: ParallelStep): string[] {
  return [(bytes / 1e6).toFixed(1), exchangeSeconds.toFixed(4), seconds.toFixed(4), percent(efficiency)];
}

function runTable({ run, request }: CostReport): string[] {
  const { baseline, frozen, saving } = run, freezes = request.schedule.t0 < 1;
  const row = (name: string, cost: RunCost | ParallelRunCost) => [
    name,
    (cost.flops / 1e18).toFixed(3),
    (cost.seconds / 3600).toFixed(2),
    ...("sentBytes" in cost ? [percent(cost.efficiency), terabytes(cost.sentBytes)] : []),
  ];
  const parallel = "savedBytes" in run;
  const saved = ["saved", percent(saving.flops), percent(saving.seconds)];
  if (parallel) saved.push("", `${percent(run.saving.sentBytes)}, ${terabytes(run.savedBytes)}`);
  return align([
    parallel
      ? ["the run", "EFLOP a node", "hours", "efficiency", "TB that each node sends"]
      : ["the run", "EFLOP", "hours"],
    row("without freezing", baseline),
    ...(freezes ? [row(`freezing, backward ${request.options.backward}`, frozen), saved] : []),
  ]);
}

function terabytes(bytes: number): string {
  return (bytes / 1e12).toFixed(3);
}
