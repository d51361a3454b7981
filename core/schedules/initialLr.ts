import { freezeTimes } from "./freezeTimes.ts";
import { stageOfLayer } from "./stages.ts";
import type { FreezeSchedule } from "./freezeSchedule.ts";

/**
 * SR-LR, the stage-wise reduction f(s, S, p) = (1 / (S - s + 1))^p (thesis section 3.5, eq. 7): a layer that serves
 * several outputs starts lower.
 *
 * @param stage s, from 1 (nearest the input) to S
 * @param stages S
 * @param power p; 0 gives 1
 * @example The first of four stages
 * ```ts
 * import { stageReduction } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * deepStrictEqual([stageReduction(1, 4, 1), stageReduction(4, 4, 1)], [0.25, 1]);
 * ```
 */
export function stageReduction(stage: number, stages: number, power: number): number {
  return (1 / (stages - stage + 1)) ** power;
}

/**
 * Each layer's initial learning rate relative to the base rate, alpha_i(0) / alpha = f(s, S, p) / t_i^q.
 *
 * q is 1 when scaled (thesis eq. 6, paper eq. 2) and 0 when unscaled; LR-LR replaces the 1 by its power. The thesis
 * writes LR-LR as alpha_i(0) / t_i^p and calls p = 1 "not applied"; both hold only if alpha_i(0) there is the base rate.
 * Without freezing (t0 = 1) every factor is 1.
 * @example
 * ```ts
 * import { checkSchedule, initialLrFactors } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * deepStrictEqual(initialLrFactors(schedule).at(-1), 1);
 * deepStrictEqual(initialLrFactors(schedule)[0].toFixed(3), "1.953"); // 1 / 0.8 ** 3
 * ```
 */
export function initialLrFactors(schedule: FreezeSchedule): number[] {
  const { stageBlocks, t0, scaled, srLr = 0, lrLr = 1 } = schedule;
  if (t0 === 1) return new Array<number>(schedule.layers).fill(1);
  const exponent = scaled ? lrLr : 0;
  return freezeTimes(schedule).map((t, layer) =>
    stageReduction(stageOfLayer(stageBlocks, layer), stageBlocks.length, srLr) / t ** exponent
  );
}
