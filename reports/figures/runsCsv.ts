import { csvText } from "./csv.ts";
import type { OwnScale } from "./ownRuns.ts";
import { stageLosses } from "./stageLosses.ts";

/** Losses and learning rates of all pre-trainings of a scale, a line per epoch; what a run lacks is empty. */
export function runsCsv({ id, runs }: OwnScale): string {
  const longest = (lists: unknown[][]) =>
    Array.from({ length: lists.reduce((most, { length }) => Math.max(most, length), 0) }, (_, k) => k);
  const layers = longest(runs.map(({ pretrain }) => pretrain.epochs[0].rates));
  const stages = longest(runs.map(({ pretrain }) => stageLosses(pretrain.epochs[0])));
  return csvText(
    [
      ...["scale", "row", "seed", "epoch", "loss"],
      ...stages.map((k) => `loss_stage${k + 1}`),
      ...layers.map((k) => `lr_layer${k}`),
    ],
    runs.flatMap(({ key, seed, pretrain }) =>
      pretrain.epochs.map(({ epoch, losses, rates }) => [
        ...[id, key, seed, epoch, losses.loss ?? null],
        ...stages.map((k) => stageLosses({ losses })[k] ?? null),
        ...layers.map((k) => (rates.length === 1 ? rates[0] : rates[k]) ?? null),
      ])
    ),
  );
}
