import { freezeState } from "../../core/schedules/freezeState.ts";
import { freezeEpochs } from "../../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";

/** Iterations to look at, about; enough for smooth curves. */
const SAMPLES = 400;

/** One point of a layer's learning-rate curve. */
export interface LrPoint {
  layer: number;
  epoch: number;
  /** Learning rate relative to the base rate. */
  rate: number;
}

/** The layers that get a curve of their own: all, or the first alone where nothing freezes and all are alike. */
export function curveLayers({ layers, t0 }: FreezeSchedule): number[] {
  return Array.from({ length: t0 === 1 ? 1 : layers }, (_, layer) => layer);
}

/**
 * The learning-rate curves as points, layer by layer. A layer that freezes ends with rate 0 at the moment it does.
 * The points depend on epochs, not on `iterationsPerEpoch`.
 */
export function curvePoints(schedule: FreezeSchedule): LrPoint[] {
  const run = { ...schedule, iterationsPerEpoch: Math.ceil(SAMPLES / schedule.epochs) };
  const ends = freezeEpochs(run);
  const states = sampledIterations(run).map((iteration) => ({
    epoch: iteration / run.iterationsPerEpoch,
    state: freezeState(run, iteration),
  }));
  return curveLayers(run).flatMap((layer) => {
    const points = states.filter(({ state }) => state.liveLayers[layer])
      .map(({ epoch, state }) => ({ layer, epoch, rate: state.layerLr[layer] / run.baseLr }));
    const end = ends[layer];
    return end === null ? points : [...points, { layer, epoch: end, rate: 0 }];
  });
}

/** Evenly spaced iterations, both sides of the end of warm-up, where the rate may jump, and the last iteration. */
function sampledIterations({ epochs, warmupEpochs, iterationsPerEpoch }: FreezeSchedule): number[] {
  const last = epochs * iterationsPerEpoch - 1, step = Math.max(1, Math.floor(last / SAMPLES));
  const warm = Math.min(Math.ceil(warmupEpochs * iterationsPerEpoch), last);
  const iterations = new Set([Math.max(warm - 1, 0), warm, last]);
  for (let iteration = 0; iteration < last; iteration += step) iterations.add(iteration);
  return [...iterations].sort((a, b) => a - b);
}
