import { sizeOf } from "../engine/program.ts";
import type { LocalMimConfig } from "../methods/localmim/config.ts";
import { localMimParameters, ownerOf } from "../methods/localmim/parameters.ts";
import { type Cost, cost, VALUE } from "./cost.ts";
import { clsTokenLive, type CostState } from "./state.ts";

/** Numbers of parameters that train. */
export function liveParameters(config: LocalMimConfig, state: CostState): number {
  return localMimParameters(config).filter(({ name }) => isLive(name, state))
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/**
 * One AdamW update of what lives in one fused pass: weight, two moments and gradient are read, all but the gradient
 * written, 28 bytes a parameter. With accumulation each micro-batch's gradient is added to a sum, 12 bytes more.
 */
export function optimiserCost(config: LocalMimConfig, state: CostState, accumulation: number): Cost {
  const values = 7 + (accumulation > 1 ? 3 * accumulation : 0);
  return cost({ bytes: VALUE * values * liveParameters(config, state) });
}

function isLive(name: string, state: CostState): boolean {
  const owner = ownerOf(name);
  if (owner === "clsToken") return clsTokenLive(state);
  return "layer" in owner ? state.liveLayers[owner.layer] : state.liveStages[owner.stage];
}
