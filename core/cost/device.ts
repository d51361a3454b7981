import type { Cost } from "./cost.ts";
import { STEP_PARTS, type StepCost, type StepPart } from "./stepCost.ts";

/** How fast a machine with its program is. */
export interface Device {
  name: string;
  /** Where the figures come from. */
  source: string;
  /** 10^9 operations a second by kind of matrix product; see `Cost`. */
  gflops: { linear: number; weightGradient: number; attention: number };
  /** 10^9 bytes a second, as `Cost` counts them: of HOG, of elementwise operators, and of the optimiser's one pass. */
  gigabytesPerSecond: { hog: number; elementwise: number; optimiser: number };
  /** Seconds of each forward and backward pass that no part explains. */
  fixedSeconds: number;
}

/** Seconds of an optimiser step by part; "fixed" is what no part explains. */
export type StepSeconds = Record<StepPart | "fixed", number>;

/** Seconds of a step: operations over their rate plus bytes over bandwidth plus fixed seconds, nothing overlapping. */
export function stepSeconds({ parts, passes }: StepCost, device: Device): StepSeconds {
  const seconds = STEP_PARTS.map((part) => [part, partSeconds(part, parts[part], device)] as const);
  return { ...Object.fromEntries(seconds) as Record<StepPart, number>, fixed: passes * device.fixedSeconds };
}

/** Seconds of all parts together. */
export function wholeSeconds(seconds: StepSeconds): number {
  return Object.values(seconds).reduce((sum, part) => sum + part, 0);
}

function partSeconds(part: StepPart, cost: Cost, { gflops, gigabytesPerSecond }: Device): number {
  const { linear, weightGradient, attention, bytes } = cost;
  const bandwidth = gigabytesPerSecond[part === "optimiser" || part === "hog" ? part : "elementwise"];
  const products = linear / gflops.linear + weightGradient / gflops.weightGradient + attention / gflops.attention;
  return (products + bytes / bandwidth) / 1e9;
}
