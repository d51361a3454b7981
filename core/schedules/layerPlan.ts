import { freezeSpans } from "./freezeSpans.ts";
import { freezeTimes, linearFreezeTimes } from "./freezeTimes.ts";
import { initialLrFactors } from "./initialLr.ts";
import type { FreezeSchedule } from "./freezeSchedule.ts";
import { stageOfLayer } from "./stages.ts";

/** One layer's part in a schedule. */
export interface LayerPlan {
  /** 0 is the patch embedding, k is block k. */
  layer: number;
  /** "patch embedding" or "block k". */
  name: string;
  /** From 1, nearest the input. */
  stage: number;
  /** Freezing time before the power, as a share of training. */
  tLinear: number;
  /** Freezing time t_i. */
  t: number;
  /** Initial learning rate relative to the base rate. */
  factor: number;
  /** When the layer freezes, in epochs from the start of the run; null if never. */
  freezeEpoch: number | null;
}

/** When a stage's decoder is dropped. */
export interface StageEnd {
  /** From 1, nearest the input. */
  stage: number;
  /** The layer that feeds the decoder. */
  block: number;
  /** In epochs from the start of the run; null if never. */
  endEpoch: number | null;
}

/**
 * When each layer freezes, in epochs from the start of the run; null for a layer that never does.
 *
 * @example
 * ```ts
 * import { checkSchedule, freezeEpochs } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * deepStrictEqual(freezeEpochs(schedule)[0]!.toFixed(2), "56.08"); // 10 + 0.8 ** 3 * 90
 * deepStrictEqual(freezeEpochs(schedule)[12], null);
 * ```
 */
export function freezeEpochs(schedule: FreezeSchedule): (number | null)[] {
  const times = freezeTimes(schedule), { start, spans } = freezeSpans(schedule);
  return spans.map((span, i) => times[i] < 1 ? (start + span) / schedule.iterationsPerEpoch : null);
}

/** The layers of a model in the thesis' counting: layer 0 is the patch embedding, layer k is block k (section 3.4). */
export function layerName(layer: number): string {
  return layer === 0 ? "patch embedding" : `block ${layer}`;
}

/**
 * What a schedule does with each layer, and when each stage ends.
 *
 * @example When does block 4 of ViT-B freeze, and at which rate does it start?
 * ```ts
 * import { checkSchedule, layerPlan } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * const { freezeEpoch, factor } = layerPlan(schedule).layers[4];
 * deepStrictEqual([freezeEpoch!.toFixed(2), factor.toFixed(4)], ["68.59", "1.5362"]);
 * ```
 */
export function layerPlan(schedule: FreezeSchedule): { layers: LayerPlan[]; stages: StageEnd[] } {
  const { layers, stageBlocks, t0 } = schedule;
  const tLinear = linearFreezeTimes(layers, t0), times = freezeTimes(schedule);
  const factors = initialLrFactors(schedule), ends = freezeEpochs(schedule);
  return {
    layers: times.map((t, layer) => ({
      layer,
      name: layerName(layer),
      stage: stageOfLayer(stageBlocks, layer),
      tLinear: tLinear[layer],
      t,
      factor: factors[layer],
      freezeEpoch: ends[layer],
    })),
    stages: stageBlocks.map((block, k) => ({ stage: k + 1, block, endEpoch: ends[block] })),
  };
}
