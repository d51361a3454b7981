import type { Engine } from "../core/engine/engine.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import type { Round } from "../records/times.ts";
import type { PretrainConfig } from "./config.ts";
import type { Objective } from "./objective.ts";
import { pretrainObjective } from "./phases/pretrain.ts";
import { TimedRow } from "./timedRow.ts";

/** A pre-training as it is measured: nothing is loaded ahead, for that would count for the step under way, maybe another row's. */
export function timedObjective(config: PretrainConfig, split: ImageSplit): Objective<unknown> {
  return pretrainObjective(config, split, 0, undefined, 0) as Objective<unknown>;
}

/**
 * One epoch of every row, the rows in turn step by step; another row goes first in every round. Weights are fresh in every epoch:
 * what a step takes hangs on what is frozen, not on the weights. Making a step counts where layers freeze, as in a whole training.
 *
 * @param objectives by key; those that are shorter are left out of later rounds
 * @param steps of an epoch, at least 1 and at most the epochs' own
 */
export async function timeRound(
  objectives: ReadonlyMap<string, Objective<unknown>>,
  { repeat, epoch, steps }: { repeat: number; epoch: number; steps: number },
  engine: Engine,
  signal: AbortSignal,
): Promise<Round> {
  const keys = [...objectives.keys()].filter((key) => epoch < objectives.get(key)!.epochs);
  const first = (repeat + epoch) % keys.length, order = [...keys.slice(first), ...keys.slice(0, first)];
  const rows = new Map<string, TimedRow<unknown>>();
  try {
    for (const key of order) rows.set(key, await TimedRow.open(objectives.get(key)!, { epoch, steps }, engine, signal));
    const turns = [...rows.values()].map((row) => ({ row, batches: row.batches() }));
    for (let i = 0; i < steps; i++) {
      for (const { row, batches } of turns) await row.take(i, batches);
    }
    return { epoch, rows: Object.fromEntries([...rows].map(([key, row]) => [key, row.measured()])) };
  } finally {
    for (const row of rows.values()) row.close();
  }
}

/** Epochs of a pre-training before anything freezes. */
export function unfrozenEpochs({ epochs, iterationsPerEpoch, facts }: Objective<unknown>): number {
  const frozen = (epoch: number) => facts((epoch + 1) * iterationsPerEpoch - 1).live?.layers.includes(false) ?? false;
  const first = Array.from({ length: epochs }, (_, epoch) => epoch).findIndex(frozen);
  return first < 0 ? epochs : first;
}
