import type { LocalMimConfig } from "../methods/localmim/config.ts";
import { flopsOf } from "./cost.ts";
import type { Backward } from "./encoder.ts";
import type { CostState } from "./state.ts";
import { OUR_CHOICES, stepCost, wholeStep } from "./stepCost.ts";

/**
 * Floating-point operations in matrix products of one pre-training step of this project's program, all images of a batch.
 *
 * @param batch images of a pass, which share what is the same in all of them
 */
export function pretrainFlops(config: LocalMimConfig, state: CostState, backward: Backward, batch: number): number {
  return flopsOf(wholeStep(stepCost(config, state, { ...OUR_CHOICES, backward, batch, accumulation: 1 })));
}
