import { inOrder, type Phase, phaseKey, type PhaseKind } from "../../records/phase.ts";
import { hoursPerEpoch, totalHours } from "../../records/readings.ts";
import type { Finished } from "../../training/graphWork.ts";
import type { Command } from "./flags.ts";
import type { Prediction } from "./predict.ts";

/** What `--json` prints: every run with its phases' records, its time beside the baseline's of the same seed, its metrics. */
export function summary(
  { experiment, request: { profile }, plan: { runs, set, settings } }: Command,
  finished: ReadonlyMap<string, Finished>,
) {
  const baselines = experiment.fills.map(({ baseline }) => baseline).filter((baseline) => typeof baseline === "string");
  const rows = runs.map(({ row, seed, label, phases }) => {
    const base = runs.find((run) => run.seed === seed && run.row === baselines[0]);
    const own = timesOf(phases, finished), whole = base && timesOf(base.phases, finished);
    const ends = endsOf(phases, finished), top1 = ends.finetune?.top1, best = base && endsOf(base.phases, finished);
    return {
      row,
      seed,
      label,
      seconds: own?.seconds ?? null,
      secondsPerEpoch: own?.secondsPerEpoch ?? null,
      timeRatio: own && whole ? own.seconds / whole.seconds : null,
      ...ends.finetune,
      top1Drop: top1 === undefined || best?.finetune?.top1 === undefined ? null : best.finetune.top1 - top1,
      probes: Object.fromEntries(Object.entries(ends).filter(([kind]) => kind !== "finetune")),
      phases: inOrder(phases).map((phase) => {
        const found = finished.get(phaseKey(phase));
        return {
          kind: phase.kind,
          key: phaseKey(phase),
          id: found?.id ?? null,
          path: found?.path ?? null,
          taken: found?.taken ?? null,
        };
      }),
    };
  });
  return { experiment: experiment.id, profile, set, config: settings, rows };
}

/** What a run's last phases have measured, by kind. */
function endsOf(phases: readonly Phase[], finished: ReadonlyMap<string, Finished>) {
  const ends: Partial<Record<PhaseKind, Finished["record"]["metrics"]>> = {};
  for (const phase of phases) {
    const found = finished.get(phaseKey(phase));
    if (found) ends[phase.kind] = found.record.metrics;
  }
  return ends;
}

/** Seconds of a run's pre-training, as far as its last phases start from it. */
function timesOf(phases: readonly Phase[], finished: ReadonlyMap<string, Finished>) {
  const from = phases.map((phase) => phase.from).find((start) => start?.phase.kind === "pretrain");
  const record = from && finished.get(phaseKey(from.phase))?.record;
  if (!record) return undefined;
  const epochs = from.epochs ?? record.epochs.length;
  return {
    seconds: totalHours.read(record, epochs)! * 3600,
    secondsPerEpoch: hoursPerEpoch.read(record, epochs)! * 3600,
  };
}

/** What `--predict --json` prints: predicted seconds of every row for one seed, and the measured rates behind them. */
export function predictionSummary(
  { experiment, request: { profile }, plan: { set, settings } }: Command,
  { rows, total, secondsPerImage }: Prediction,
) {
  return { experiment: experiment.id, profile, set, config: settings, predictedSeconds: rows, total, secondsPerImage };
}

/** How many phases of each kind, in words. */
export function kindsOf(phases: readonly Phase[]): string {
  const names: Record<PhaseKind, [string, string]> = {
    pretrain: ["pre-training", "pre-trainings"],
    finetune: ["fine-tuning", "fine-tunings"],
    linear: ["linear probe", "linear probes"],
    knn: ["k-NN probe", "k-NN probes"],
    train: ["training", "trainings"],
  };
  const groups = Object.entries(Object.groupBy(phases, ({ kind }) => kind)) as [PhaseKind, Phase[]][];
  return groups.map(([kind, { length }]) => `${length} ${names[kind][length === 1 ? 0 : 1]}`).join(", ");
}
