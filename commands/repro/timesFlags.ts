import { forbid, type Parsed } from "../../cli/args.ts";
import { wholeFlag } from "../../cli/wholeFlag.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { allRows, phasesOf, type Plan, type Request, runsOf } from "../../experiments/plan.ts";
import { resolveSettings } from "../../experiments/settings.ts";
import type { Phase } from "../../records/phase.ts";
import type { PretrainConfig } from "../../training/config.ts";
import { REPEATS, STEPS } from "./flagTable.ts";

/** How the time of pre-training is measured. */
export interface TimesOptions {
  repeats: number;
  /** Of an epoch. */
  steps: number;
}

/** How the time is measured; nothing where it is not. */
export function timesOptions(values: Parsed["values"]): TimesOptions | undefined {
  const { times, repeats, steps } = values as Record<string, string | undefined>;
  if (!times) {
    forbid(repeats !== undefined, "--repeats", "a command without --times");
    forbid(steps !== undefined, "--steps", "a command without --times");
    return undefined;
  }
  for (
    const flag of ["seeds", "seed", "probes", "phase", "every", "keep", "wait", "any-code", "predict", "resume", "json"]
  ) {
    forbid(values[flag] !== undefined && values[flag] !== false, `--${flag}`, "--times, which trains nothing");
  }
  return {
    repeats: wholeFlag("repeats", repeats ?? String(REPEATS), 1, 1000),
    steps: wholeFlag("steps", steps ?? String(STEPS), 1, 1000),
  };
}

/** Unless rows are named: those of the print, and those that freeze as the released code does. */
export function timesRequest(experiment: Experiment, request: Request): Request {
  if (request.rows) return request;
  const settings = resolveSettings(experiment, request.profile, request.set), rows = allRows(experiment, settings);
  const runs = runsOf(experiment, settings, { rows, seeds: request.seeds, probes: [] });
  const isLive = ({ config: { freeze } }: Phase) => (freeze as PretrainConfig["freeze"])?.backward === "live";
  const measured = runs.filter((run) =>
    run.like === undefined || pretrainings({ phases: phasesOf([run]) }).some(isLive)
  );
  return { ...request, rows: measured.map(({ row }) => row) };
}

/** The pre-trainings of a plan. */
export function pretrainings({ phases }: Pick<Plan, "phases">): Phase[] {
  return phases.filter(({ kind }) => kind === "pretrain");
}
