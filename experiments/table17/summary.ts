import type { RunResult } from "../../reports/results/schema.ts";
import type { Command } from "./flags.ts";
import type { Prediction } from "./predict.ts";

/** A finished run and where it was saved. */
export interface Saved {
  id: string;
  path: string;
  result: RunResult;
}

/** Seconds inside pre-training steps: HOG, forward and backward, optimiser. */
function stepSeconds({ pretrain }: RunResult): number {
  return pretrain.epochs.reduce((sum, { seconds }) => sum + seconds.hog + seconds.step + seconds.optimizer, 0);
}

/** What `--json` prints: every run with its result id, values, and its time as a ratio to LocalMIM of the same seed. */
export function summary({ profile, config }: Command, saved: readonly Saved[]) {
  const baseline = (seed: number) => saved.find(({ result }) => result.row === "localmim" && result.seed === seed);
  const rows = saved.map(({ id, path, result }) => {
    const seconds = stepSeconds(result), base = baseline(result.seed), { top1, top5, loss } = result.evaluation;
    return {
      row: result.row,
      seed: result.seed,
      id,
      path,
      seconds,
      secondsPerEpoch: seconds / result.pretrain.epochs.length,
      timeRatio: base ? seconds / stepSeconds(base.result) : null,
      top1,
      top5,
      top1Drop: base ? base.result.evaluation.top1 - top1 : null,
      loss,
    };
  });
  return { experiment: "table17", profile, config, rows };
}

/** What `--predict --json` prints: predicted seconds of every row for one seed, and the measured rates behind them. */
export function predictionSummary({ profile, config }: Command, { rows, secondsPerImage }: Prediction) {
  return { experiment: "table17", profile, config, predictedSeconds: rows, secondsPerImage };
}
