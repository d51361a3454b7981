// Times steps of ViT-B on ranks of one thread; rank 0 prints a line of JSON.
// Arguments: images, repetitions to drop, to keep.
import type { InterruptControl } from "../../cli/interrupt.ts";
import { BUCKET_BYTES } from "../../core/parallel/buckets.ts";
import type { Ranks } from "../../core/parallel/ranks.ts";
import { runRanked } from "../../distributed/main.ts";
import type { Exchange } from "../../training/exchange.ts";
import { contestant, race, type Rounds, type Timed } from "./race.ts";
import { rankContestant } from "./rankContestant.ts";
import type { RankFigures, Way } from "./rankFigures.ts";
import { MODEL, Trainer } from "./trainer.ts";

/** Nothing stops these processes but their end, or their launcher's. */
const UNSTOPPED: InterruptControl = { signal: new AbortController().signal, stop: () => {}, release: () => {} };
/** Seconds that a rank waits for another. */
const TIMEOUT = 300;
/** Numbers of frozen layers at which an all-reduce is timed by itself. */
const REDUCED = [0, MODEL.depth / 2, MODEL.depth];
const noPause = () => Promise.resolve();

/** The ways of a step in turn. */
async function timeSteps(trainer: Trainer, ranks: Ranks, rounds: Rounds): Promise<RankFigures["steps"]> {
  const ready = await trainer.ready(0, "cut");
  const way = (name: Way, exchange: Exchange, workers = ranks.size) =>
    rankContestant(ranks, name, () => trainer.step(ready, trainer.batch, exchange), workers);
  const contestants = [
    way("alone", trainer.exchange(), 1),
    way("apart", trainer.exchange()),
    way("whole", trainer.exchange(ranks, Infinity)),
    way("overlapped", trainer.exchange(ranks, BUCKET_BYTES)),
  ];
  const timed = await race(contestants, rounds, noPause);
  ready.step.dispose();
  const [alone, apart, whole, overlapped] = timed.map(({ repetitions }) => repetitions);
  return { alone, apart, whole, overlapped };
}

/** Bytes of an update's gradients with 0, 1, 2 … frozen layers. */
async function countBytes(trainer: Trainer, ranks: Ranks): Promise<number[]> {
  const bytes = [];
  for (let frozen = 0; frozen <= MODEL.depth; frozen++) {
    await ranks.sum(`update with ${frozen} frozen layers`);
    bytes.push(await trainer.update(frozen, trainer.exchange(ranks)));
  }
  return bytes;
}

/** All-reduces of the first so many bytes of the gradients, in turn. */
async function timeAllReduces(
  { arena }: Trainer,
  ranks: Ranks,
  bytes: readonly number[],
  rounds: Rounds,
): Promise<Timed[]> {
  const start = arena.address(arena.names()[0], "gradient");
  const contestants = bytes.map((count) => {
    const gradients = arena.stretch(start, count / Float32Array.BYTES_PER_ELEMENT);
    const { name, once } = contestant(`all-reduce of ${count} bytes`, () => ranks.reduce(gradients));
    return rankContestant(ranks, name, once);
  });
  return await race(contestants, rounds, noPause);
}

async function measure(ranks: Ranks, images: number, rounds: Rounds): Promise<RankFigures> {
  using trainer = await Trainer.create(1, images);
  const steps = await timeSteps(trainer, ranks, rounds);
  // From here on the sums of a step are added up again and again; those of zeros stay finite.
  for (const name of trainer.arena.names()) trainer.arena.view(name, "gradient").fill(0);
  const bytes = await countBytes(trainer, ranks);
  const timed = await timeAllReduces(trainer, ranks, REDUCED.map((frozen) => bytes[frozen]), rounds);
  const allReduces = REDUCED.map((frozen, k) => ({ frozen, repetitions: timed[k].repetitions }));
  return { library: ranks.library, steps, bytes, allReduces };
}

if (import.meta.main) {
  await runRanked(async (args, job) => {
    const [images, warmup, kept] = args.map(Number);
    const ranks = await job.join({ timeout: TIMEOUT, interrupt: UNSTOPPED });
    const figures = await measure(ranks, images, { warmup, kept });
    if (job.first) console.log(JSON.stringify(figures));
  });
}
