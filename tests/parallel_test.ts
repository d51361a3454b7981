import fc from "fast-check";
import type { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { classifierInference } from "../core/models/classifier.ts";
import type { Ranks } from "../core/parallel/ranks.ts";
import { shareOf } from "../core/parallel/share.ts";
import { randomStream } from "../core/random/stream.ts";
import { sha256 } from "../core/sha256.ts";
import { consecutive } from "../training/batches.ts";
import type { FinetuneConfig } from "../training/config.ts";
import { evaluate } from "../training/evaluate.ts";
import { finetuneFeeds } from "../training/finetuneFeeds.ts";
import type { Sharing } from "../training/work.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { randomArena, TINY } from "./engineTools.ts";
import { onRanks, settleOnRanks } from "./ranksInProcess.ts";
import { STATE, stateHash, timeless } from "./runState.ts";
import {
  classifierOf,
  FINETUNE,
  finetune,
  images,
  monitor,
  pretrain,
  pretrainConfig,
  TWO_STAGES,
} from "./trainingTools.ts";

/** One thread: the ranks share this process's cores. */
const engine = new CompiledEngine(1);
const CLASSIFIER = classifierOf(TINY);

/** Two epochs of a tiny model, nothing frozen unless the schedule says so. */
function pretraining(batch: number, changed: Parameters<typeof pretrainConfig>[0] = {}, t0 = 1, model = TINY) {
  const config = pretrainConfig({ epochs: 2, batch, ...changed }, { t0 }, model);
  return (sharing: Sharing & { seed?: number } = {}) => pretrain(config, { engine, ...sharing });
}

/** Two epochs with all that is drawn for a group: mixup, CutMix, erasing, drop path. */
function finetuning(batch: number, changed: Partial<FinetuneConfig> = {}) {
  const config = { ...FINETUNE, epochs: 2, batch, randomErasing: 0.5, dropPath: 0.3, ...changed };
  return (sharing: Sharing = {}) => finetune(config, { engine, ...sharing });
}

/** Trains alone or on several ranks, of which all must come to the same. */
type Train = (ranks?: Ranks, accum?: number) => Promise<{ arena: Arena; epochs: object[] }>;
async function onAll(size: number, train: Train, accum?: number) {
  const [first, ...others] = await onRanks(size, (ranks) => train(ranks, accum));
  for (const other of others) {
    assertEqual(stateHash(other.arena), stateHash(first.arena), "weights and moments differ among ranks");
    assertEqual(timeless(other), timeless(first));
  }
  return first;
}

Deno.test("ranks in one process meet, add up in their order, and fail where one of them is elsewhere", async () => {
  const wait = (rank: number) => new Promise((resolve) => setTimeout(resolve, 5 * (3 - rank)));
  const found = await onRanks(3, async (ranks) => {
    await wait(ranks.rank);
    // Float64 cannot tell 1e16 + 1 from 1e16, float32 not 1e8 + 1 from 1e8.
    const [large, less] = [[1e16, 1, -1e16][ranks.rank], [1e8, 1, -1e8][ranks.rank]];
    const float32 = Float32Array.of(less), float64 = Float64Array.of(less), shared = Float32Array.of(ranks.rank + 7);
    const sum = await ranks.sum("here", [large, less, 1]);
    await ranks.reduce(float32);
    await ranks.reduce(float64);
    await ranks.broadcast(shared);
    return [sum, float32[0], float64[0], shared[0]];
  });
  const same = [[0, 1, 3], 0, 1, 7];
  assertEqual(found, [same, same, same]);
  await assertRejects(
    () => onRanks(2, (ranks) => ranks.sum(`step ${ranks.rank}`)),
    /^rank 0 is at step 0, rank 1 at step 1$/,
  );
  const broken = (ranks: Ranks) => ranks.rank === 0 ? ranks.sum("here") : Promise.reject(new Error("broken"));
  await assertRejects(() => onRanks(2, broken), /^broken$/);
  const [{ status, ...first }] = await settleOnRanks(2, broken);
  assertEqual([status, "reason" in first && String(first.reason)], ["rejected", "RankGone: rank 1 has ended: broken"]);
});

for (const [size, batch, t0, model] of [[2, 8, 0.5, TINY], [3, 12, 1, TWO_STAGES], [4, 8, 1, TWO_STAGES]] as const) {
  Deno.test(`pre-training on ${size} ranks is one process with ${size} passes a step, bit for bit: t0 ${t0}`, async () => {
    const run = pretraining(batch, {}, t0, model), train: Train = (ranks) => run({ ranks });
    const alone = await run({ accum: size }), shared = await onAll(size, train);
    assertEqual(timeless(shared), timeless(alone));
    assertEqual(stateHash(shared.arena), stateHash(alone.arena));
    assertEqual(alone.events.length > 0, t0 < 1);
    const { arena: other } = await run({ accum: size, seed: 4 });
    assertTrue(stateHash(other) !== stateHash(alone.arena), "all runs end alike");
  });
}

for (const [size, batch] of [[2, 8], [3, 12], [4, 8]]) {
  Deno.test(`fine-tuning on ${size} ranks is one process with ${size} passes a step, bit for bit`, async () => {
    const run = finetuning(batch), train: Train = (ranks) => run({ ranks });
    const alone = await run({ accum: size }), shared = await onAll(size, train);
    assertEqual(timeless(shared), timeless(alone));
    assertEqual(stateHash(shared.arena), stateHash(alone.arena));
  });
}

Deno.test("the configuration's groups on as many ranks are its groups in one process, bit for bit", async () => {
  const mim = pretraining(4, { accumulation: 2 }, 1, TWO_STAGES), tuning = finetuning(4, { accumulation: 3 });
  const alone = [await mim(), await tuning()];
  const shared = [
    await onAll(2, (ranks) => mim({ ranks })),
    await onAll(3, (ranks) => tuning({ ranks })),
  ];
  assertEqual(shared.map(timeless), alone.map(timeless));
  assertEqual(shared.map(({ arena }) => stateHash(arena)), alone.map(({ arena }) => stateHash(arena)));
});

/**
 * Compares runs whose gradients are the same sums in another order: within 1e-6 as a whole, 1e-5 tensor by tensor.
 *
 * Their AdamW's eps of 1e-3 is far above rounding noise; with 1e-8 the sign of a gradient that is all noise would
 * decide on whole steps of the learning rate.
 */
async function compareOrders(train: (sharing: Sharing) => ReturnType<Train>) {
  const inOrder = await train({ accum: 4 });
  const ofRanks = await onAll(2, (ranks, accum) => train({ ranks, accum }), 2), whole = await train({});
  for (const other of [ofRanks, whole]) {
    assertTrue(stateHash(other.arena) !== stateHash(inOrder.arena), "bit for bit the same: compare them so");
    for (const region of STATE) {
      const names = inOrder.arena.names();
      const of = ({ arena }: { arena: Arena }) => names.map((name) => [...arena.view(name, region)]);
      const [found, wanted] = [of(other), of(inOrder)], apart = relativeNorm(found.flat(), wanted.flat());
      assertTrue(apart < 1e-6, `${region} are ${apart} apart`);
      const each = Math.max(...names.map((_, k) => relativeNorm(found[k], wanted[k])));
      assertTrue(each < 1e-5, `${region} of a tensor are ${each} apart`);
    }
  }
}
const SMOOTH = { eps: 1e-3 };

Deno.test("pre-training on 2 ranks of 2 passes, with 4 passes and with one are the same up to rounding", async () => {
  // Ranks add (a + b) + (c + d), one process ((a + b) + c) + d, and one pass within products of matrices. Float32
  // rounds each sum by 6e-8; after 6 steps 3.7e-7 of all and 2.0e-6 of a tensor were measured.
  await compareOrders(pretraining(8, SMOOTH));
});

Deno.test("fine-tuning on 2 ranks of 2 passes, with 4 passes and with one are the same up to rounding", async () => {
  // After 6 steps 2.1e-7 of all and 6.4e-7 of a tensor were measured.
  await compareOrders(finetuning(8, SMOOTH));
});

Deno.test("finetuneFeeds() of a share are the whole group's: crops, erasing, mixing partners, targets, drop path", () => {
  const { imageSize, depth, numClasses } = CLASSIFIER, length = imageSize * imageSize * 3;
  const cases = fc.record({
    size: fc.integer({ min: 1, max: 3 }),
    accum: fc.integer({ min: 1, max: 2 }),
    accumulation: fc.integer({ min: 1, max: 2 }),
    factor: fc.integer({ min: 1, max: 2 }),
    epoch: fc.nat(5),
    step: fc.nat(3),
    seed: fc.nat(),
  });
  const seen = { split: 0, mixed: 0, dropped: 0 };
  fc.assert(
    fc.property(cases, ({ size, accum, accumulation, factor, epoch, step, seed }) => {
      const config = { ...FINETUNE, batch: 2 * factor * size * accum, accumulation, dropPath: 0.5, randomErasing: 0.5 };
      const at = { kind: "finetune" as const, seed, epoch }, all = config.batch * accumulation;
      // What stands for the image at a place hangs on the place alone.
      const batchOf = (places: Int32Array) => {
        const streams = Array.from(places, (place) => randomStream(seed, "test", place));
        const pixels = Uint8Array.from(streams.flatMap(({ integer }) => Array.from({ length }, () => integer(256))));
        return { pixels, labels: Int32Array.from(places, (place) => place % numClasses), places, crops: [] };
      };
      /** What is fed for each place. */
      const rowsOf = (places: Int32Array) => {
        const { patches, targets, keep } = finetuneFeeds(batchOf(places), { model: CLASSIFIER, config, at }),
          count = places.length;
        return Array.from(places, (place, b) => ({
          place,
          patches: sha256(new Uint8Array(patches.slice(b * length, (b + 1) * length).buffer)),
          targets: [...targets.subarray(b * numClasses, (b + 1) * numClasses)],
          keep: Array.from({ length: 2 * depth }, (_, layer) => keep[layer * count + b]),
        }));
      };
      const groups = Array.from({ length: accumulation }, (_, g) => step * all + g * config.batch);
      const whole = groups.flatMap((first) => rowsOf(consecutive(first, config.batch)));
      const shares = Array.from({ length: size }, (_, rank) => shareOf(config, rank, size, accum));
      const passes = shares.flatMap(({ places }) => Array.from({ length: accum }, (_, k) => places(step * accum + k)));
      assertEqual(passes.flatMap(rowsOf).toSorted((a, b) => a.place - b.place), whole);
      if (passes[0].length < config.batch) seen.split++;
      // A mixed image wants two classes beside the smoothed others, unless its partner is of the same.
      if (whole.some(({ targets }) => new Set(targets).size === 3)) seen.mixed++;
      if (whole.some(({ keep }) => keep.includes(0))) seen.dropped++;
    }),
    { numRuns: 25, seed: 1 },
  );
  assertTrue(Math.min(...Object.values(seen)) >= 8, JSON.stringify(seen));
});

Deno.test("evaluate() says the same on any number of ranks, and each looks at its own images only", async () => {
  const arena = randomArena(classifierInference(CLASSIFIER, 1), 0.3), { test } = images;
  for (const batch of [5, 4, 100]) {
    const looked: number[] = [];
    const split = {
      ...test,
      load(index: number) {
        looked.push(index);
        return test.load(index);
      },
    };
    const run = (ranks?: Ranks) =>
      evaluate({
        engine,
        model: CLASSIFIER,
        arena,
        split,
        batch,
        testCropRatio: 1,
        monitor: monitor(),
        ...(ranks && { ranks }),
      });
    const alone = await run(), every = Array.from({ length: test.length }, (_, index) => index);
    assertEqual(looked.splice(0), every);
    const { top1, top5 } = alone as { top1: number; top5: number };
    assertTrue(top1 > 0 && top5 > top1 && top5 < 100, `${top1}, ${top5}`);
    // Batches of 5 and of 4 images: 5 and 6 of them, the last one short; 100: one, which is the last rank's.
    for (const size of [2, 3, 5, 7]) {
      const shared = await onRanks(size, run);
      assertEqual(shared, new Array(size).fill(alone), `${size} ranks, batches of ${batch}`);
      assertEqual(looked.splice(0).toSorted((a, b) => a - b), every);
    }
  }
});
