import { secondsPerEpoch } from "../../reports/judging/observations.ts";
import type { RunResult } from "../../records/schema.ts";
import type { Command } from "./flags.ts";
import type { Prediction } from "./predict.ts";

/** A finished run and where it was saved. */
export interface Saved {
  id: string;
  path: string;
  result: RunResult;
}

/** What `--json` prints: every run with its result id, values, and its time as a ratio to LocalMIM of the same seed. */
export function summary({ profile, config }: Command, saved: readonly Saved[]) {
  const baseline = (seed: number) => saved.find(({ result }) => result.row === "localmim" && result.seed === seed);
  const rows = saved.map(({ id, path, result }) => {
    const perEpoch = secondsPerEpoch(result), base = baseline(result.seed), { top1, top5, loss } = result.evaluation;
    return {
      row: result.row,
      seed: result.seed,
      id,
      path,
      seconds: perEpoch * result.pretrain.epochs.length,
      secondsPerEpoch: perEpoch,
      timeRatio: base ? perEpoch / secondsPerEpoch(base.result) : null,
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
