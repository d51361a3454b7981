import { type Phase, phaseKey } from "../records/phase.ts";

/** Percent of a pre-training after which its weights are kept in any case: where Table 11 of the thesis stops. */
const ALWAYS = [50, 70, 90];

/**
 * The epochs after which a phase keeps its weights, besides its end: those that phases of the plan start from, and of a
 * pre-training those of every early stop, so that a later table finds them.
 */
export function snapshotsOf(phase: Phase, plan: readonly Phase[]): number[] {
  const { epochs } = phase.config as { epochs?: number }, key = phaseKey(phase);
  const wanted = plan.flatMap(({ from }) =>
    from?.epochs !== undefined && phaseKey(from.phase) === key ? [from.epochs] : []
  );
  const always = phase.kind === "pretrain" ? ALWAYS.map((percent) => Math.floor(epochs! * percent / 100)) : [];
  return [...new Set([...wanted, ...always])].filter((epoch) => epoch >= 1 && epoch < epochs!).sort((a, b) => a - b);
}
