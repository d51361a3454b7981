import type { LocalMimConfig } from "../models/config.ts";
import { flopsOf } from "./cost.ts";
import type { Backward } from "./encoder.ts";
import type { CostState } from "./state.ts";
import { OUR_CHOICES, stepCost, wholeStep } from "./stepCost.ts";

/** Floating-point operations in matrix products of one pre-training step of this project's program, per image. */
export function pretrainFlops(config: LocalMimConfig, state: CostState, backward: Backward): number {
  return flopsOf(wholeStep(stepCost(config, state, { ...OUR_CHOICES, backward, batch: 1, accumulation: 1 })));
}
