import { stepSeconds, wholeSeconds } from "../../core/cost/device.ts";
import { DEVICES } from "../../core/cost/devices.ts";
import { stateSpans } from "../../core/cost/runCost.ts";
import { type CostState, frozenPrefix } from "../../core/cost/state.ts";
import { OUR_CHOICES, stepCost } from "../../core/cost/stepCost.ts";
import type { LocalMimConfig } from "../../core/methods/localmim/config.ts";
import type { Owner } from "../../core/methods/method.ts";
import { methodOf } from "../../core/methods/mod.ts";
import { describeFreezing } from "../../core/schedules/describe.ts";
import { freezeState } from "../../core/schedules/freezeState.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { gradientNames } from "../../training/liveness.ts";
import { scheduleOf } from "../../training/schedule.ts";
import { type Course, joined, otherwise, savedBy, type Stretch } from "./course.ts";

/** What a step costs over an unfrozen one. */
type CostOf = (state: CostState, backward: "cut" | "live") => number;

/** The course of a pre-training. */
export function pretrainCourse(config: PretrainConfig, iterationsPerEpoch: number): Course {
  const { method, config: model } = methodOf(config.method),
    shape = method.encoder(model),
    { layers, stageBlocks } = shape;
  const schedule = scheduleOf(config, shape, iterationsPerEpoch), backward = config.freeze?.backward ?? "cut";
  const parameters = method.parameters(model), owner = (tensor: string) => method.owner(tensor, model);
  const costOf = config.method.name === "localmim" ? localMimCost(model as LocalMimConfig, config.batch) : undefined;
  let from = 0;
  const stretches = stateSpans(schedule).map(({ steps }): Stretch => {
    const state = freezeState(schedule, from), names = gradientNames(parameters, owner, state, backward);
    const layer = (tensor: string) => layerOf(owner(tensor), layers), frozenToken = !state.liveLayers[0];
    const end = names.reduce((least, tensor) => Math.min(least, layer(tensor)), layers);
    const stretch = {
      from,
      steps,
      live: state.liveLayers.filter(Boolean).length,
      stages: state.liveStages.filter(Boolean).length,
      end,
      because: names.find((tensor) => frozenToken && owner(tensor) === "clsToken") ??
        names.find((tensor) => layer(tensor) === end && owner(tensor) !== "clsToken") ?? "nothing",
      through: state.liveLayers.filter((live, index) => index >= end && !live).length,
      ...(costOf && { cost: costOf(state, backward) }),
    };
    from += steps;
    return stretch;
  });
  const freeze = config.freeze ? `, backward ${backward}, class token ${tokenText(schedule)}` : "";
  return {
    title: `${method.title(model)}; ${describeFreezing(schedule)}${freeze}`,
    layers,
    stages: stageBlocks.length,
    stretches: joined(stretches),
    savings: costOf && schedule.t0 < 1 ? savings(schedule, costOf, backward) : [],
    ...(costOf && { floor: costOf(frozenPrefix({ depth: layers - 1, stageBlocks }, layers - 1), "cut") }),
  };
}

const tokenText = ({ clsToken }: FreezeSchedule) => clsToken === "layer0" ? "freezes with layer 0" : "never freezes";

/** Of the class token the lowest layer, of what stands behind the blocks one above the last. */
function layerOf(owner: Owner, layers: number): number {
  return owner === "clsToken" ? 0 : "layer" in owner ? owner.layer : layers;
}

/** Seconds of a step, by the rates of two cores, over those of an unfrozen one. */
function localMimCost(config: LocalMimConfig, batch: number): CostOf {
  const options = { ...OUR_CHOICES, batch, accumulation: 1 };
  const seconds: CostOf = (state, backward) =>
    wholeSeconds(stepSeconds(stepCost(config, state, { ...options, backward }), DEVICES.cpu));
  const whole = seconds(frozenPrefix(config, 0), "cut");
  return (state, backward) => seconds(state, backward) / whole;
}

/** What freezing saves as it is, and with one thing changed. */
function savings(schedule: FreezeSchedule, costOf: CostOf, backward: "cut" | "live"): Course["savings"] {
  const saving = (of: FreezeSchedule, form = backward, change = (state: CostState) => state) =>
    savedBy(stateSpans(of).map(({ state, steps }) => ({ steps, cost: costOf(change(state), form) })));
  const kept = (state: CostState) => ({ ...state, liveStages: state.liveStages.map(() => true) });
  const cut = { ...schedule, clsToken: "layer0" } as const, all = { ...schedule, clsToken: "global" } as const;
  return [
    { what: "as it is", share: saving(schedule) },
    backward === "live"
      ? { what: "backward cut, class token with layer 0", share: saving(cut, "cut") }
      : { what: "backward live and a class token that never freezes, as released", share: saving(all, "live") },
    { what: "decoders kept to the end, not pruned", share: saving(schedule, backward, kept) },
    ...otherwise(schedule, (change) => saving({ ...schedule, ...change })),
  ];
}
