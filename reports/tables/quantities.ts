import { secondsPerEpoch } from "../judging/observations.ts";
import type { RunResult } from "../../records/schema.ts";

/** What one run measures, by name. */
export const quantities = {
  /** Hours inside the steps of pre-training (HOG targets, forward and backward pass, optimiser), per epoch. */
  hoursPerEpoch: (run: RunResult) => secondsPerEpoch(run) / 3600,
  /** The same, over all of pre-training. */
  totalHours: (run: RunResult) => secondsPerEpoch(run) * run.pretrain.epochs.length / 3600,
  /** Percent, after fine-tuning. */
  top1: (run: RunResult) => run.evaluation.top1,
  top5: (run: RunResult) => run.evaluation.top5,
  /** Mean loss of the last pre-training epoch, summed over the stages that are left. */
  pretrainLoss: (run: RunResult) => run.pretrain.epochs.at(-1)!.loss,
} as const;

/** The name of something a run measures. */
export type Quantity = keyof typeof quantities;
