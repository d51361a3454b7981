import type { Progress } from "../../cli/progress.ts";
import type { SeedRun } from "../../experiments/plan.ts";
import { inOrder, type Phase, phaseKey } from "../../records/phase.ts";
import type { Monitor } from "../../training/monitor.ts";

/** A phase's time relative to others, by experience: of an image in an epoch, and of one that is only looked at. */
const PER_IMAGE = { pretrain: 1, finetune: 1.4, linear: 0.01, knn: 0, train: 1 }, LOOKED_AT = 0.4;

/** About how long a phase takes, in arbitrary units. */
function weightOf({ kind, data: { train, test }, config }: Phase): number {
  const { epochs = 0 } = config as { epochs?: number }, images = train ?? 50000;
  const looked = kind === "pretrain" ? 0 : (test ?? 10000) + (kind === "finetune" || kind === "train" ? 0 : images);
  return PER_IMAGE[kind] * epochs * images + LOOKED_AT * looked;
}

/** A phase in words: the first run that it belongs to, and its seed. */
export function phaseName(phase: Phase, runs: readonly SeedRun[]): string {
  const key = phaseKey(phase);
  const run = runs.find(({ phases }) => inOrder(phases).some((each) => phaseKey(each) === key));
  return run ? `${run.label} seed ${run.seed}` : key.slice(0, 12);
}

/** Monitors' `step` that shows each phase as a part of all. */
export function phaseProgress(
  progress: Progress,
  phases: readonly Phase[],
  runs: readonly SeedRun[],
): (phase: Phase) => Monitor["step"] {
  const weights = phases.map(weightOf), total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  return (phase) => {
    const at = phases.findIndex((each) => phaseKey(each) === phaseKey(phase)), name = phaseName(phase, runs);
    const from = weights.slice(0, at).reduce((sum, weight) => sum + weight, 0) / total, share = weights[at] / total;
    const { epochs = 1 } = phase.config as { epochs?: number };
    return ({ phase: what, done, total: all, epoch, loss, live, imagesPerSecond }) => {
      const count = what === "evaluate" || what === "features" ? 1 : epochs;
      const ordinal = String(epoch + 1).padStart(String(count).length);
      // Evaluation is the last bit of fine-tuning, features the first and largest one of a probe.
      const within = what === "evaluate" ? 0.95 + 0.05 * done / all : 0.95 * done / all;
      progress.show(`${name}  ${what} ${ordinal}/${count}`, from + share * within, [
        ...(loss === undefined ? [] : [`loss ${loss.toFixed(4)}`]),
        ...(live ? [`live ${live[0]}/${live[1]}`] : []),
        `${imagesPerSecond.toFixed(imagesPerSecond < 10 ? 1 : 0)} images/s`,
      ]);
    };
  };
}
