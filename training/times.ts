import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { Step } from "../core/engine/program.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import type { Round, TimedEpoch } from "../records/times.ts";
import { Clock } from "./clock.ts";
import type { PretrainConfig } from "./config.ts";
import { breathe } from "./monitor.ts";
import type { Objective, Stretch } from "./objective.ts";
import { pretrainObjective } from "./phases/pretrain.ts";
import { createTools, ownShare } from "./work.ts";

/**
 * A pre-training whose epochs are cut short: it freezes at the same epochs, and takes so many steps in each.
 *
 * @param steps of an epoch, at least 1
 */
export function shortObjective(config: PretrainConfig, split: ImageSplit, steps: number): Objective<unknown> {
  const images = Math.min(split.length, steps * config.batch * config.accumulation);
  const few = { length: images, labels: split.labels.subarray(0, images), load: (at: number) => split.load(at) };
  return pretrainObjective(config, few, 0) as Objective<unknown>;
}

/**
 * Takes an epoch's steps from fresh weights, and measures them: what a step takes hangs on what is frozen, not on the weights.
 * A step goes before that is not measured. Making a step counts where layers have just frozen, as in a whole training.
 */
export async function timeEpoch<Batch>(
  objective: Objective<Batch>,
  epoch: number,
  engine: Engine,
  signal: AbortSignal,
): Promise<TimedEpoch> {
  const share = ownShare(objective.batch, {}), { passes } = share, perEpoch = objective.iterationsPerEpoch;
  const arena = new Arena(objective.parameters, passes > 1 ? 5 : 4);
  objective.initialize(arena);
  const { optimizer, exchange } = await createTools(arena, share, objective.optimizer, { engine });
  const clock = new Clock(objective.parts), aside = new Clock(objective.parts);
  let step: Step | undefined, stretch: Stretch | undefined;
  const take = async (i: number, batches: AsyncGenerator<Batch>, clock: Clock) => {
    const iteration = epoch * perEpoch + i, now = objective.stretch(iteration, share.images);
    clock.start();
    if (!step || now !== stretch) {
      step?.dispose();
      step = await engine.train(now.program, arena, now.gradients);
      stretch = now;
      clock.mark("compile");
    }
    for (let micro = 0; micro < passes; micro++) {
      const batch = (await batches.next()).value as Batch;
      await breathe({ signal });
      clock.start();
      await step.run(objective.feeds(batch, epoch, now, clock));
      optimizer.accumulate(now.gradients, micro);
      clock.mark("step");
    }
    await exchange.update(objective.updates(iteration, now), iteration + 1, clock);
    clock.endStep();
  };
  const batches = (count: number) => objective.batches(epoch, count * passes, 0, share.places);
  try {
    await take(0, batches(1), aside);
    if (epoch === 0 || objective.events(epoch * perEpoch).length > 0) clock.seconds.compile = aside.seconds.compile;
    const all = batches(perEpoch);
    for (let i = 0; i < perEpoch; i++) await take(i, all, clock);
  } finally {
    step?.dispose();
    optimizer.dispose();
  }
  return { seconds: clock.seconds, ...clock.circumstances() };
}

/**
 * One epoch of every row, one after the other; another row goes first in every round.
 *
 * @param objectives by key; those that are shorter are left out of later rounds
 */
export async function timeRound(
  objectives: ReadonlyMap<string, Objective<unknown>>,
  { repeat, epoch }: { repeat: number; epoch: number },
  engine: Engine,
  signal: AbortSignal,
): Promise<Round> {
  const keys = [...objectives.keys()].filter((key) => epoch < objectives.get(key)!.epochs);
  const first = (repeat + epoch) % keys.length, rows: Round["rows"] = {};
  for (const key of [...keys.slice(first), ...keys.slice(0, first)]) {
    rows[key] = await timeEpoch(objectives.get(key)!, epoch, engine, signal);
  }
  return { epoch, rows };
}

/** Epochs of a pre-training before anything freezes. */
export function unfrozenEpochs({ epochs, iterationsPerEpoch, facts }: Objective<unknown>): number {
  const frozen = (epoch: number) => facts((epoch + 1) * iterationsPerEpoch - 1).live?.layers.includes(false) ?? false;
  const first = Array.from({ length: epochs }, (_, epoch) => epoch).findIndex(frozen);
  return first < 0 ? epochs : first;
}
