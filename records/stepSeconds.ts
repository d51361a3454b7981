import type { RunResult } from "./schema.ts";

/** The parts of a pre-training step that are measured; fine-tuning has some of them. */
type Parts = Partial<RunResult["pretrain"]["epochs"][number]["seconds"]>;

/** Seconds of the steps of an epoch: targets, forward and backward pass, exchange between ranks, optimiser. */
export function stepSeconds({ hog = 0, step = 0, optimizer = 0, exchange = 0 }: Parts): number {
  return hog + step + optimizer + exchange;
}
