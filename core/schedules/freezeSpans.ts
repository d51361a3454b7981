import { freezeTimes } from "./freezeTimes.ts";
import type { FreezeSchedule } from "./freezeSchedule.ts";

/** In form "paper", an iteration that meets t_i up to this rounding (in iterations) meets it. */
const ROUNDING = 1e-6;

/** When the layers freeze: `spans[i]` iterations after iteration `start`; neither need be whole. */
export interface FreezeSpans {
  start: number;
  spans: number[];
}

/**
 * Length of a run and of its warm-up, in iterations.
 *
 * @example
 * ```ts
 * import { checkSchedule, runLength } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * deepStrictEqual(runLength(schedule), { iterations: 62_500, warmupIterations: 6250 });
 * ```
 */
export function runLength(schedule: FreezeSchedule): { iterations: number; warmupIterations: number } {
  const { epochs, warmupEpochs, iterationsPerEpoch } = schedule;
  return { iterations: epochs * iterationsPerEpoch, warmupIterations: warmupEpochs * iterationsPerEpoch };
}

/** When each layer freezes: form "code" counts t_i from the end of warm-up, form "paper" over the whole run. */
export function freezeSpans(schedule: FreezeSchedule): FreezeSpans {
  const { iterations, warmupIterations } = runLength(schedule);
  const start = schedule.form === "code" ? warmupIterations : 0;
  return { start, spans: freezeTimes(schedule).map((t) => t * (iterations - start)) };
}

/**
 * Whether each layer still trains in an iteration. Since no span passes the end of the run, the last layer always does.
 *
 * Form "code" freezes strictly after t_i, as released: an iteration that meets t_i exactly still runs, at learning rate
 * 0. Where a span is whole but for rounding, the last bit decides there as well, so no tolerance is given. Form "paper"
 * freezes at t_i.
 */
export function liveLayers(schedule: FreezeSchedule, iteration: number): boolean[] {
  const { start, spans } = freezeSpans(schedule);
  const done = iteration - start;
  return spans.map((span) => schedule.form === "code" ? done <= span : done < span - ROUNDING);
}
