import { relativeError } from "./check.ts";
import { freezeState } from "../../core/schedules/freezeState.ts";
import { checkSchedule } from "../../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks } from "../../core/schedules/stages.ts";

/** What the released optimiser code did in every iteration of a run. */
export interface FreezeTraceFixture {
  /** epochs, warm-up epochs, iterations per epoch, t0, lr, min lr, scaled (0 or 1), power */
  cfg: ArrayLike<number>;
  /** Learning rate of each layer, [iterations, layers] row by row; 0 when frozen. */
  lr: ArrayLike<number>;
  /** Index of the first layer that trains, [iterations]. */
  min_active: ArrayLike<number>;
  /** Number of decoders left, [iterations]. */
  n_decoders: ArrayLike<number>;
  /** Learning rate of the class token, [iterations]. */
  cls_lr: ArrayLike<number>;
}

/** How far the schedule is from a trace. */
export interface FreezeTraceComparison {
  /** Largest relative error of a layer's rate; infinite where one side is 0 and the other is not. */
  lr: number;
  /** The same for the class token. */
  clsLr: number;
  /** Iterations with another first live layer. */
  minActiveMismatches: number;
  /** Iterations with another number of decoders. */
  decoderMismatches: number;
}

/** The schedule that a trace was recorded with: the released form, decoders with their block, a global class token. */
function traceSchedule(cfg: ArrayLike<number>, layers: number): FreezeSchedule {
  const [epochs, warmupEpochs, iterationsPerEpoch, t0, baseLr, minLr, scaled, power] = Array.from(cfg);
  const run = { epochs, warmupEpochs, iterationsPerEpoch, baseLr, minLr };
  const freezing = { layers, stageBlocks: defaultStageBlocks(layers), t0, power, scaled: scaled === 1 };
  return checkSchedule({ ...run, ...freezing, form: "code", decoders: "block", clsToken: "global" });
}

/** Compares the schedule with a trace of the released code, iteration by iteration. */
export function compareFreezeTrace(fixture: FreezeTraceFixture): FreezeTraceComparison {
  const iterations = fixture.cls_lr.length, layers = fixture.lr.length / iterations;
  const schedule = traceSchedule(fixture.cfg, layers);
  const result = { lr: 0, clsLr: 0, minActiveMismatches: 0, decoderMismatches: 0 };
  for (let iteration = 0; iteration < iterations; iteration++) {
    const state = freezeState(schedule, iteration);
    state.layerLr.forEach((lr, layer) => {
      result.lr = Math.max(result.lr, relativeError(lr, fixture.lr[iteration * layers + layer]));
    });
    result.clsLr = Math.max(result.clsLr, relativeError(state.clsTokenLr, fixture.cls_lr[iteration]));
    if (state.firstLiveLayer !== fixture.min_active[iteration]) result.minActiveMismatches++;
    if (state.liveStages.filter(Boolean).length !== fixture.n_decoders[iteration]) result.decoderMismatches++;
  }
  return result;
}
