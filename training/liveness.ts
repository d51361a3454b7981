import type { ParameterSpec } from "../core/engine/program.ts";
import type { Owner } from "../core/methods/method.ts";
import { decaysInPretraining } from "../core/optim/groups.ts";
import type { Update } from "../core/optim/optimizer.ts";
import type { FreezeState } from "../core/schedules/freezeState.ts";
import type { PhaseEvent } from "../records/schema.ts";

/** Whether a parameter trains, and at which learning rate. */
export function rateOf(owner: Owner, state: FreezeState): { live: boolean; lr: number } {
  if (owner === "clsToken") return { live: state.clsTokenLive, lr: state.clsTokenLr };
  if ("layer" in owner) return { live: state.liveLayers[owner.layer], lr: state.layerLr[owner.layer] };
  return { live: state.liveStages[owner.stage], lr: state.stageLr[owner.stage] };
}

/**
 * The parameters whose gradients a step has to compute.
 *
 * @param ownerOf who decides about a parameter; see `Method`
 * @param backward "cut": those that train, so nothing below the first live layer is differentiated. "live": the class
 *   token's too, at the very bottom, so that the backward pass runs through every frozen block as in the released code.
 */
export function gradientNames(
  parameters: readonly ParameterSpec[],
  ownerOf: (name: string) => Owner,
  state: FreezeState,
  backward: "cut" | "live",
): string[] {
  return parameters.map(({ name }) => name)
    .filter((name) => rateOf(ownerOf(name), state).live || (backward === "live" && ownerOf(name) === "clsToken"));
}

/** The updates of one step: every parameter that trains, with its learning rate and weight decay. */
export function pretrainUpdates(
  names: readonly string[],
  specs: ReadonlyMap<string, ParameterSpec>,
  ownerOf: (name: string) => Owner,
  state: FreezeState,
  weightDecay: number,
): Update[] {
  return names.flatMap((name) => {
    const { live, lr } = rateOf(ownerOf(name), state);
    return live ? [{ name, lr, weightDecay: decaysInPretraining(specs.get(name)!) ? weightDecay : 0 }] : [];
  });
}

/** What froze or was pruned between two iterations. */
export function stateEvents(before: FreezeState, now: FreezeState, iteration: number): PhaseEvent[] {
  const ended = (kind: PhaseEvent["kind"], was: boolean[], is: boolean[]): PhaseEvent[] =>
    is.flatMap((live, at) => was[at] && !live ? [{ kind, at, iteration }] : []);
  return [
    ...ended("freeze", before.liveLayers, now.liveLayers),
    ...ended("prune", before.liveStages, now.liveStages),
  ];
}

/** Whether the same trains in two states, at whatever rates. */
export function sameLiving(a: FreezeState, b: FreezeState): boolean {
  const flags = ({ liveLayers, liveStages, clsTokenLive }: FreezeState) => [...liveLayers, ...liveStages, clsTokenLive];
  return JSON.stringify(flags(a)) === JSON.stringify(flags(b));
}
