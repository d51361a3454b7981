import { Arena } from "../core/engine/arena.ts";
import { UserError } from "../core/errors.ts";
import { type Epoch, type PhaseEvent, stepSeconds } from "../records/schema.ts";
import { type Boundary, keepOnAbort, type Restored } from "./checkpoint/keeper.ts";
import { NO_SUMS, type Progress } from "./checkpoint/progress.ts";
import { Clock } from "./clock.ts";
import { CurrentStep } from "./currentStep.ts";
import { finite } from "./finite.ts";
import { weightsHash } from "./weightsHash.ts";
import type { Objective, Stretch } from "./objective.ts";
import { sameWeights } from "./sameOnAll.ts";
import { createTools, ownShare, type Tools, type Work } from "./work.ts";

/** Trained weights and the record of their training. */
export interface Trained {
  arena: Arena;
  epochs: Epoch[];
  events: PhaseEvent[];
  /** SHA-256 of the weights, by the number of epochs after which they were kept. */
  weights: Record<string, string>;
}

/** What is recorded at the start. */
const NOTHING: Progress = { epochs: [], events: [], weights: {}, sums: NO_SUMS };

/** The one loop of all phases that take steps: from where the keeper has left off to the last epoch's end. */
export async function train<Batch>(objective: Objective<Batch>, work: Work): Promise<Trained> {
  const { keeper, monitor } = work, share = ownShare(objective.batch, work);
  const arena = new Arena(objective.parameters, share.passes > 1 ? 5 : 4);
  objective.initialize(arena);
  const restored = await keeper?.restore(arena), tools = await createTools(arena, share, objective.optimizer, work);
  try {
    return await keepOnAbort(
      keeper,
      monitor.signal,
      (reached) => trainEpochs(objective, work, tools, restored, reached),
    );
  } finally {
    tools.optimizer.dispose();
  }
}

/**
 * Makes sure that a checkpoint's step and what it has recorded belong together.
 *
 * @throws {UserError} when it was changed
 */
function checkRestored(
  name: string,
  { iteration, progress: { epochs } }: Restored,
  { perEpoch, total }: { perEpoch: number; total: number },
): void {
  const wanted = Math.floor(iteration / perEpoch);
  if (iteration <= total && epochs.length === wanted && epochs.every(({ epoch }, k) => epoch === k)) return;
  throw new UserError(
    `Cannot go on with ${name} after step ${iteration} of ${total}: the checkpoint tells of ${epochs.length} whole epochs, ` +
      `want ${wanted} of ${perEpoch} steps, or --fresh to start over`,
  );
}

async function trainEpochs<Batch>(
  objective: Objective<Batch>,
  { engine, monitor, keeper, snapshots = [], until = objective.epochs }: Work,
  { arena, share, ranks, optimizer, exchange }: Tools,
  restored: Restored | undefined,
  reached: (boundary: Boundary) => Promise<void>,
): Promise<Trained> {
  const { iterationsPerEpoch: perEpoch, batch: { batch, accumulation } } = objective, { passes } = share;
  const total = perEpoch * objective.epochs, first = restored?.iteration ?? 0;
  const collect = () => optimizer.collect();
  const { epochs, events, weights }: Omit<Progress, "sums"> = structuredClone(restored?.progress ?? NOTHING);
  const keep = async (done: number) => {
    weights[done] = weightsHash(arena);
    await keeper?.leaveWeights(done, arena);
  };
  if (restored) checkRestored(objective.name, restored, { perEpoch, total });
  const current = new CurrentStep(objective, engine, arena, monitor);
  let stretch: Stretch | undefined;
  try {
    for (let epoch = Math.floor(first / perEpoch); epoch < until; epoch++) {
      const from = Math.max(0, first - epoch * perEpoch), before = from > 0 ? restored!.progress.sums : NO_SUMS;
      const clock = new Clock(objective.parts, before), losses = { ...before.losses }, counts = { ...before.counts };
      let { exchangedBytes } = before;
      const recorded = () => ({ epochs: [...epochs], events: [...events], weights: { ...weights } });
      const progress = (): Progress => ({
        ...recorded(),
        sums: {
          losses: { ...losses },
          counts: { ...counts },
          seconds: { ...clock.seconds },
          wall: clock.wall(),
          exchangedBytes,
        },
      });
      const batches = objective.batches(epoch, perEpoch * passes, from * passes, share.places);
      for (let i = from; i < perEpoch; i++) {
        const iteration = epoch * perEpoch + i, where = `${objective.name} step ${iteration + 1}`;
        await reached({ arena, collect, iteration, progress: progress() });
        events.push(...objective.events(iteration));
        const now = stretch = await current.reach(iteration, share.images, clock);
        const own = await current.take(batches, epoch, { share, optimizer }, clock);
        const means = (await ranks.sum(where, own)).map((sum) => sum / share.total);
        const rate = Math.max(...objective.facts(iteration).rates);
        finite(means[0], `${where} (epoch ${epoch + 1}, learning rate ${Number(rate.toPrecision(3))})`);
        await objective.settle?.(arena, ranks, share.total);
        now.losses.forEach((name, k) => {
          losses[name] = (losses[name] ?? 0) + means[k];
          counts[name] = (counts[name] ?? 0) + 1;
        });
        exchangedBytes += await exchange.update(objective.updates(iteration, now), iteration + 1, clock);
        clock.endStep();
        const live = objective.facts(iteration).live?.layers;
        monitor.step({
          phase: objective.kind,
          done: iteration + 1,
          total,
          epoch,
          loss: losses.loss / (i + 1),
          ...(live && { live: [live.filter(Boolean).length, live.length] }),
          imagesPerSecond: (i + 1) * batch * accumulation / stepSeconds(clock.seconds),
        });
      }
      collect();
      const metrics = await objective.measure?.(arena, epoch), last = (epoch + 1) * perEpoch - 1;
      epochs.push({
        epoch,
        iterations: perEpoch,
        losses: Object.fromEntries(
          objective.losses.map((name) => [name, stretch!.losses.includes(name) ? losses[name] / counts[name] : null]),
        ),
        ...objective.facts(last),
        seconds: clock.seconds,
        wallSeconds: clock.wall(),
        ...clock.circumstances(),
        ...(exchangedBytes > 0 && { exchangedBytes }),
        ...(metrics && { metrics }),
      });
      if (snapshots.includes(epoch + 1) && epoch + 1 < objective.epochs) await keep(epoch + 1);
      // Ranks that are stopped may hear of it in the comparison, after the epoch's last update.
      await reached({ arena, collect, iteration: last + 1, progress: { ...recorded(), sums: NO_SUMS } });
      await sameWeights(ranks, arena, `${objective.name} epoch ${epoch + 1}`);
    }
  } finally {
    current.dispose();
  }
  if (until < objective.epochs) return { arena, epochs, events, weights };
  await keep(objective.epochs);
  const progress = { epochs, events, weights, sums: NO_SUMS };
  await keeper?.save({ arena, collect, iteration: total, progress });
  return { arena, epochs, events, weights };
}
