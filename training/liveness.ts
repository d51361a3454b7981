import type { ParameterSpec } from "../core/engine/program.ts";
import { ownerOf } from "../core/methods/localmim/parameters.ts";
import { decaysInPretraining } from "../core/optim/groups.ts";
import type { Update } from "../core/optim/optimizer.ts";
import type { FreezeState } from "../core/schedules/freezeState.ts";

/** Whether a parameter trains, and at which learning rate. */
export function rateOf(name: string, state: FreezeState): { live: boolean; lr: number } {
  const owner = ownerOf(name);
  if (owner === "clsToken") return { live: state.clsTokenLive, lr: state.clsTokenLr };
  if ("layer" in owner) return { live: state.liveLayers[owner.layer], lr: state.layerLr[owner.layer] };
  return { live: state.liveStages[owner.stage], lr: state.stageLr[owner.stage] };
}

/**
 * The parameters whose gradients a step has to compute.
 *
 * @param backward "cut": those that train, so nothing below the first live layer is differentiated. "live": the class
 *   token's too, at the very bottom, so that the backward pass runs through every frozen block as in the released code.
 */
export function gradientNames(
  parameters: readonly ParameterSpec[],
  state: FreezeState,
  backward: "cut" | "live",
): string[] {
  return parameters.map(({ name }) => name)
    .filter((name) => rateOf(name, state).live || (backward === "live" && name === "cls_token"));
}

/** The updates of one step: every parameter that trains, with its learning rate and weight decay. */
export function pretrainUpdates(
  names: readonly string[],
  specs: ReadonlyMap<string, ParameterSpec>,
  state: FreezeState,
  weightDecay: number,
): Update[] {
  return names.filter((name) => rateOf(name, state).live).map((name) => ({
    name,
    lr: rateOf(name, state).lr,
    weightDecay: decaysInPretraining(specs.get(name)!) ? weightDecay : 0,
  }));
}
