import { cosineSchedule, halfCosine } from "./cosine.ts";
import { freezeSpans, liveLayers, runLength } from "./freezeSpans.ts";
import { initialLrFactors } from "./initialLr.ts";
import type { FreezeSchedule } from "./freezeSchedule.ts";

/** What trains in one iteration, and how fast. Arrays run over layers (L entries) or stages (S entries). */
export interface FreezeState {
  /** Learning rate of each layer; 0 for a frozen one. */
  layerLr: number[];
  /** Whether each layer still trains. In the first iteration of warm-up a layer is live with rate 0. */
  liveLayers: boolean[];
  /** Index of the first layer that trains; all before it are frozen. */
  firstLiveLayer: number;
  /** Whether each stage still has its norm, decoder, target and loss; it ends when its feeding block freezes. */
  liveStages: boolean[];
  /** Learning rate of each stage's norm and decoder; 0 for one that has ended. */
  stageLr: number[];
  /** Learning rate of all that never freezes. */
  globalLr: number;
  /** Learning rate of the class token; 0 when frozen. */
  clsTokenLr: number;
  /** Whether the class token still trains. */
  clsTokenLive: boolean;
}

/**
 * What lives and at which learning rate in one iteration; the one place that answers this.
 *
 * Without freezing (t0 = 1) every layer, decoder and class token follows the global schedule down to `minLr`, as in the
 * LocalMIM baseline, in both forms. The stage-wise reduction reaches a decoder only through the rate of its block.
 *
 * @param schedule as `checkSchedule` accepts it
 * @param iteration a whole number from 0 to epochs * iterationsPerEpoch - 1
 * @throws {RangeError} for an iteration outside the run
 * @example In step 40,000 patch embedding and two blocks are frozen, and one decoder is gone
 * ```ts
 * import { checkSchedule, freezeState } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * const { firstLiveLayer, liveStages, layerLr } = freezeState(schedule, 40_000);
 * deepStrictEqual([firstLiveLayer, liveStages, layerLr[2]], [3, [false, true, true, true], 0]);
 * ```
 */
export function freezeState(schedule: FreezeSchedule, iteration: number): FreezeState {
  const length = runLength(schedule);
  if (!Number.isInteger(iteration) || iteration < 0 || iteration >= length.iterations) {
    throw new RangeError(`Cannot look up iteration ${iteration}: the run has 0 … ${length.iterations - 1}`);
  }
  const globalLr = cosineSchedule({ ...length, baseLr: schedule.baseLr, minLr: schedule.minLr }, iteration);
  const live = liveLayers(schedule, iteration);
  const rates = schedule.t0 === 1 ? live.map(() => globalLr) : ownRates(schedule, iteration);
  const layerLr = rates.map((lr, layer) => live[layer] ? lr : 0);
  const liveStages = schedule.stageBlocks.map((block) => live[block]);
  const stageLr = schedule.decoders === "block"
    ? schedule.stageBlocks.map((block) => layerLr[block])
    : liveStages.map((stage) => stage ? globalLr : 0);
  const clsToken = schedule.clsToken === "layer0"
    ? { clsTokenLr: layerLr[0], clsTokenLive: live[0] }
    : { clsTokenLr: globalLr, clsTokenLive: true };
  return {
    layerLr,
    liveLayers: live,
    firstLiveLayer: live.indexOf(true),
    liveStages,
    stageLr,
    globalLr,
    ...clsToken,
  };
}

/** Each layer's own warm-up and half-cosine, as if it never froze (thesis eq. 5 and 7, paper eq. 1). */
function ownRates(schedule: FreezeSchedule, iteration: number): number[] {
  const { warmupIterations } = runLength(schedule);
  const { start, spans } = freezeSpans(schedule);
  return initialLrFactors(schedule).map((factor, layer) => {
    const initialLr = schedule.baseLr * factor;
    if (iteration < warmupIterations) {
      return (schedule.form === "code" ? schedule.baseLr : initialLr) * iteration / warmupIterations;
    }
    return initialLr * halfCosine((iteration - warmupIterations) / (start + spans[layer] - warmupIterations));
  });
}
