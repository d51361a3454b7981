import type { FreezeSchedule } from "./freezeSchedule.ts";

/**
 * How a schedule freezes and scales, in a few words, e.g. "t0 = 0.8, cubic, scaled, SR-LR 0.8".
 *
 * @example
 * ```ts
 * import { checkSchedule, describeFreezing } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * deepStrictEqual(describeFreezing(schedule), "t0 = 0.8, cubic, scaled");
 * ```
 */
export function describeFreezing(schedule: FreezeSchedule): string {
  const { t0, power, scaled, srLr, lrLr } = schedule;
  if (t0 === 1) return "no freezing";
  const reductions = [srLr ? `SR-LR ${srLr}` : "", lrLr !== undefined ? `LR-LR ${lrLr}` : ""];
  return [`t0 = ${t0}`, describePower(power), scaled ? "scaled" : "unscaled", ...reductions].filter(Boolean).join(", ");
}

/** How the layers' times follow from t0, e.g. "cubic". */
export function describePower(power: number): string {
  return power === 1 ? "linear" : power === 3 ? "cubic" : `power ${power}`;
}

/**
 * How long a schedule runs and in which form, e.g. "100 epochs, 10 of them warm-up, form code".
 *
 * @example
 * ```ts
 * import { checkSchedule, describeRun } from "@vitfreeze/vitfreeze/schedules";
 * import { deepStrictEqual } from "node:assert";
 *
 * const schedule = checkSchedule({
 *   layers: 13, stageBlocks: [2, 4, 10, 12], t0: 0.8, power: 3, scaled: true, baseLr: 1.6e-3, minLr: 1e-6,
 *   epochs: 100, warmupEpochs: 10, iterationsPerEpoch: 625, form: "code", decoders: "block", clsToken: "layer0",
 * });
 * deepStrictEqual(describeRun(schedule), "100 epochs, 10 of them warm-up, form code");
 * ```
 */
export function describeRun({ epochs, warmupEpochs, form, t0 }: FreezeSchedule): string {
  const run = `${epochs} epochs, ${warmupEpochs === 0 ? "no" : `${warmupEpochs} of them`} warm-up`;
  return t0 === 1 ? run : `${run}, form ${form}`;
}
