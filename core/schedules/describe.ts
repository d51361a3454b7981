import type { FreezeSchedule } from "./freezeSchedule.ts";

/** How a schedule freezes and scales, in a few words, e.g. "t0 = 0.8, cubic, scaled, SR-LR 0.8". */
export function describeFreezing(schedule: FreezeSchedule): string {
  const { t0, power, scaled, srLr, lrLr } = schedule;
  if (t0 === 1) return "no freezing";
  const shape = power === 1 ? "linear" : power === 3 ? "cubic" : `power ${power}`;
  const reductions = [srLr ? `SR-LR ${srLr}` : "", lrLr !== undefined ? `LR-LR ${lrLr}` : ""];
  return [`t0 = ${t0}`, shape, scaled ? "scaled" : "unscaled", ...reductions].filter(Boolean).join(", ");
}

/** How long a schedule runs and in which form, e.g. "100 epochs, 10 of them warm-up, form code". */
export function describeRun({ epochs, warmupEpochs, form, t0 }: FreezeSchedule): string {
  const run = `${epochs} epochs, ${warmupEpochs === 0 ? "no" : `${warmupEpochs} of them`} warm-up`;
  return t0 === 1 ? run : `${run}, form ${form}`;
}
