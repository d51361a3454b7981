import { csvText } from "./csv.ts";
import type { OwnScale } from "./ownRuns.ts";

/** Losses and learning rates of all runs of a scale, a line per epoch; what a run lacks is empty. */
export function runsCsv({ id, runs }: OwnScale): string {
  const longest = (lists: number[][]) =>
    Array.from({ length: Math.max(...lists.map(({ length }) => length)) }, (_, k) => k);
  const layers = longest(runs.map(({ pretrain }) => pretrain.epochs[0].layerLr));
  const stages = longest(runs.map(({ pretrain }) => pretrain.epochs[0].lossPerStage.map((loss) => loss ?? 0)));
  return csvText(
    [
      ...["scale", "row", "seed", "epoch", "loss"],
      ...stages.map((k) => `loss_stage${k + 1}`),
      ...layers.map((k) => `lr_layer${k}`),
    ],
    runs.flatMap(({ row, seed, pretrain }) =>
      pretrain.epochs.map(({ epoch, loss, lossPerStage, layerLr }) => [
        ...[id, row, seed, epoch, loss],
        ...stages.map((k) => lossPerStage[k] ?? null),
        ...layers.map((k) => layerLr[k] ?? null),
      ])
    ),
  );
}
