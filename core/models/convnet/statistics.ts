import type { ParameterSpec } from "../../engine/program.ts";
import type { NormStatistics } from "./convNet.ts";

/** The tensor of a norm's running mean. */
export function runningMean(norm: string): string {
  return `${norm}.running_mean`;
}

/** The tensor of a norm's running variance. */
export function runningVariance(norm: string): string {
  return `${norm}.running_var`;
}

/** Running mean and variance of norms as tensors, in the order of a state dict. */
export function statisticsSpecs(norms: readonly Pick<NormStatistics, "name" | "channels">[]): ParameterSpec[] {
  return norms.flatMap(({ name, channels }) => [
    { name: runningMean(name), shape: [channels] },
    { name: runningVariance(name), shape: [channels] },
  ]);
}

/** Share of a batch's statistics in the running ones (PyTorch's momentum). */
const STATISTICS_MOMENTUM = 0.1;

/**
 * Moves running statistics towards a batch's, in place: running += 0.1 (batch - running), in single precision.
 *
 * @param running [channels]
 * @param batch mean, or variance divided by n - 1, [channels]
 */
export function moveStatistics(running: Float32Array, batch: ArrayLike<number>): void {
  const f = Math.fround, share = f(STATISTICS_MOMENTUM);
  for (let i = 0; i < running.length; i++) running[i] += f(share * f(batch[i] - running[i]));
}
