import { exchangeBytes } from "../core/cost/exchange.ts";
import { Arena } from "../core/engine/arena.ts";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { sizeOf } from "../core/engine/program.ts";
import { classifierInference, classifierParameters } from "../core/models/classifier.ts";
import { AdamW } from "../core/optim/adamwOptimizer.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { Clock } from "../training/clock.ts";
import { evaluate } from "../training/evaluate.ts";
import { Exchange } from "../training/exchange.ts";
import type { PretrainConfig } from "../training/config.ts";
import { ownerOf } from "../core/methods/localmim/parameters.ts";
import { rateOf } from "../training/liveness.ts";
import { sameWeights } from "../training/sameOnAll.ts";
import { weightsHash } from "../training/weightsHash.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { normals, randomArena, TINY } from "./engineTools.ts";
import { onRanks, settleOnRanks } from "./ranksInProcess.ts";
import { STATE, stateHash } from "./runState.ts";
import {
  classifierOf,
  FINETUNE,
  finetune,
  images,
  monitor,
  pretrain,
  pretrainConfig,
  scheduleIn,
  TWO_STAGES,
  WatchedEngine,
} from "./trainingTools.ts";

/** One thread: the ranks share this process's cores. */
const engine = new CompiledEngine(1);
const CLASSIFIER = classifierOf(TINY);
const ADAMW = { betas: [0.9, 0.95] as [number, number], eps: 1e-8 };

/** The same ranks; every sum of gradients is told before it begins. */
function overheard(ranks: Ranks, tell: (values: Float32Array | Float64Array) => void): Ranks {
  const reduce: Ranks["reduce"] = (values) => {
    tell(values);
    return ranks.reduce(values);
  };
  return Object.create(ranks, { reduce: { value: reduce } });
}

/** What each rank's error says; nothing where there was none. */
const messages = (settled: PromiseSettledResult<unknown>[]) =>
  settled.map((each) => each.status === "rejected" ? each.reason.message : undefined);

/** Tensors of odd sizes, each with weights that all ranks share and a gradient of this rank's own. */
async function example(rank: number, size: number) {
  const specs = [5, 16, 40, 100, 1, 33].map((floats, k) => ({ name: `t${k}`, shape: [floats] }));
  const arena = new Arena(specs), adamw = await AdamW.create(arena, ADAMW, { own: 1, total: size });
  specs.forEach(({ name, shape: [floats] }, k) => {
    arena.view(name).set(normals(floats, k));
    arena.view(name, "gradient").set(normals(floats, 100 * (rank + 1) + k));
  });
  const update = (name: string) => ({ name, lr: 1e-2, weightDecay: 0.05 });
  // The third is frozen.
  return { specs, arena, adamw, updates: ["t0", "t1", "t3", "t4", "t5"].map(update) };
}

Deno.test("Exchange updates by the mean over ranks, bit for bit the same whatever the buckets", async () => {
  const clock = () => new Clock([]);
  const { arena: alone, adamw, updates, specs } = await example(0, 3);
  for (const { name } of specs) {
    // The sum in the order of the ranks, in single precision.
    const sum = alone.view(name, "gradient");
    for (const rank of [1, 2]) {
      const { arena } = await example(rank, 3);
      arena.view(name, "gradient").forEach((value, i) => sum[i] += value);
    }
  }
  const before = stateHash(alone);
  assertEqual(await new Exchange(ALONE, alone, adamw).update(updates, 1, clock()), 0);
  assertTrue(stateHash(alone) !== before, "nothing was updated");
  const none = await onRanks(2, async (ranks) => {
    const own = await example(ranks.rank, 3);
    return await new Exchange(ranks, own.arena, own.adamw).update([], 1, clock());
  });
  assertEqual(none, [0, 0], "where nothing lives there is nothing to send");
  for (const limit of [1, 64, 300, undefined]) {
    const found = await onRanks(3, async (ranks) => {
      const own = await example(ranks.rank, 3), times = clock();
      const bytes = await new Exchange(ranks, own.arena, own.adamw, limit).update(own.updates, 1, times);
      assertEqual(Object.keys(times.seconds).sort(), ["exchange", "optimizer"]);
      return [bytes, stateHash(own.arena)];
    });
    // 16, 16, 112, 16 and 48 floats: whole lines of 64 bytes.
    assertEqual(found, new Array(3).fill([4 * 208, stateHash(alone)]), `buckets of ${limit} bytes`);
  }
});

Deno.test("Exchange has the next bucket on its way while one is updated, and none further", async () => {
  const order = await onRanks(2, async (ranks) => {
    const { arena, adamw, updates } = await example(ranks.rank, 2), order: string[] = [];
    const told = overheard(ranks, (values) => order.push(`sum ${values.length}`));
    const update = adamw.update.bind(adamw);
    adamw.update = (items, step) => {
      order.push(`update ${items.map(({ name }) => name)}`);
      update(items, step);
    };
    await new Exchange(told, arena, adamw, 128).update(updates, 1, new Clock([]));
    return order;
  });
  const wanted = ["sum 32", "sum 112", "update t0,t1", "sum 64", "update t3", "update t4,t5"];
  assertEqual(order, [wanted, wanted]);
});

/** Sizes that need no padding, so that the model alone says how many bytes are exchanged. */
const ROUND = {
  ...TINY,
  depth: 3,
  stageBlocks: [1, 2, 3],
  stageScales: [2, 1, 0.5],
  decoderDim: 32,
  hogBins: 16,
};

/** Pre-trains, and keeps of every step: lines of 64 bytes that were sent, all tensors, the class token's gradient. */
async function watchedRun(ranks: Ranks, config: PretrainConfig) {
  const watched = new WatchedEngine(), lines: number[] = [];
  const steps: { sent: number[]; tensors: Map<string, string>; clsGradient: string }[] = [];
  const told = overheard(ranks, ({ byteOffset, byteLength }) => {
    for (let line = 0; line < byteLength; line += 64) lines.push(byteOffset + line);
  });
  const step = () => {
    const arena = watched.arena!;
    const numbers = (name: string) => STATE.map((region) => arena.view(name, region).join()).join();
    const tensors = new Map(arena.names().map((name) => [name, numbers(name)]));
    steps.push({ sent: lines.splice(0), tensors, clsGradient: arena.view("cls_token", "gradient").join() });
  };
  const run = await pretrain(config, { engine: watched, ranks: told, monitor: monitor(step) });
  return { ...run, steps };
}

Deno.test("what is frozen is neither sent nor changed: the bytes are those that exchangeBytes() predicts", async () => {
  const schedule = scheduleIn(pretrainConfig({ epochs: 2, batch: 12 }, { t0: 0.3 }, ROUND));
  const states = Array.from({ length: 4 }, (_, step) => freezeState(schedule, step));
  const predicted = states.map((state) => exchangeBytes(ROUND, state));
  // Patch embedding and class token freeze in the third step: 3,104 numbers. Then the first block, its stage is pruned.
  assertEqual(predicted, [236_480, 236_480, 236_480 - 4 * 3104, 145_920]);
  for (const backward of ["cut", "live"] as const) {
    const config = pretrainConfig({ epochs: 2, batch: 12 }, { t0: 0.3, backward }, ROUND);
    const runs = await onRanks(2, (ranks) => watchedRun(ranks, config));
    for (const [rank, { arena, epochs, steps }] of runs.entries()) {
      const perEpoch = [0, 2].map((step) => predicted[step] + predicted[step + 1]);
      assertEqual(epochs.map(({ exchangedBytes }) => exchangedBytes), perEpoch);
      states.forEach((state, step) => {
        const live = arena.names().filter((name) => rateOf(ownerOf(name), state).live);
        const gradients = live.flatMap((name) => {
          const floats = sizeOf(arena.shape(name)), address = arena.address(name, "gradient");
          assertEqual(floats % 16, 0, `${name} is padded`);
          return Array.from({ length: floats / 16 }, (_, k) => address + 64 * k);
        });
        assertEqual(steps[step].sent.toSorted((a, b) => a - b), gradients, `rank ${rank}, step ${step}`);
        if (step === 0) return;
        const [before, after] = [steps[step - 1].tensors, steps[step].tensors];
        assertEqual(
          arena.names().filter((name) => after.get(name) !== before.get(name)),
          live,
          `rank ${rank}, ${step}`,
        );
      });
    }
    assertEqual(stateHash(runs[1].arena), stateHash(runs[0].arena));
    // The released code's backward pass gives each rank a gradient of the frozen class token, which stays its own.
    const same = states.map((_, step) => runs[0].steps[step].clsGradient === runs[1].steps[step].clsGradient);
    assertEqual(same, backward === "cut" ? [true, true, true, true] : [true, true, false, false]);
  }
});

Deno.test("fine-tuning sends every gradient, padding and all, at every step", async () => {
  const floats = classifierParameters(CLASSIFIER).map(({ shape }) => 16 * Math.ceil(sizeOf(shape) / 16));
  const [first, second] = await onRanks(2, (ranks) => finetune(FINETUNE, { engine, ranks }));
  const bytes = [first, second].map(({ epochs }) => epochs.map(({ exchangedBytes }) => exchangedBytes));
  assertEqual(bytes, new Array(2).fill([6 * 4 * floats.reduce((a, b) => a + b)]));
  const { epochs: [alone] } = await finetune(FINETUNE, { engine });
  assertTrue(!("exchangedBytes" in alone) && !("exchange" in alone.seconds), "one process exchanges nothing");
});

Deno.test("sameWeights() names the rank whose weights differ in one bit, and both hashes", async () => {
  const arenas = [0, 1, 2].map(() => randomArena(classifierInference(CLASSIFIER, 1)));
  const check = () => settleOnRanks(3, (ranks) => sameWeights(ranks, arenas[ranks.rank], "epoch 5"));
  assertEqual(messages(await check()), [undefined, undefined, undefined]);
  const weights = arenas[2].view("blocks.2.attn.qkv.bias"),
    [right, wrong] = [weights[7], Math.fround(weights[7] * (1 + 2 ** -23))];
  assertTrue(right !== wrong, "no bit differs");
  weights[7] = wrong;
  assertEqual(messages(await check()), [
    undefined,
    undefined,
    `Cannot go on: the hash of the weights after epoch 5 is ${weightsHash(arenas[2])} on rank 2 (host2) and ` +
    `${weightsHash(arenas[0])} on rank 0 (host0), want the same on all ranks`,
  ]);
});

/** What each of three ranks says when something happens to the weights of rank 1 after the first step. */
async function whenRank1(happens: (weights: Float32Array) => void) {
  const step = (watched: WatchedEngine, { rank }: Ranks) =>
    monitor(({ done }) => rank === 1 && done === 1 && happens(watched.arena!.view("blocks.0.mlp.fc1.weight")));
  const changed = { batch: 12, epochs: 1 };
  const mim = await settleOnRanks(3, (ranks) => {
    const engine = new WatchedEngine(), config = pretrainConfig(changed, { t0: 1 }, TWO_STAGES);
    return pretrain(config, { engine, ranks, monitor: step(engine, ranks) });
  });
  const tuning = await settleOnRanks(3, (ranks) => {
    const engine = new WatchedEngine();
    return finetune({ ...FINETUNE, ...changed }, { engine, ranks, monitor: step(engine, ranks) });
  });
  return [mim, tuning].map(messages);
}

Deno.test("pretrain() and finetune() end with the epoch in which a rank's weights have gone astray", async () => {
  const [mim, tuning] = await whenRank1((weights) => weights[0] += 1e-3);
  for (const [found, phase] of [[mim, "pre-training"], [tuning, "fine-tuning"]] as const) {
    const hash = "[0-9a-f]{64}";
    const said =
      `Cannot go on: the hash of the weights after ${phase} epoch 1 is ${hash} on rank 1 \\(host1\\) and ${hash} on`;
    assertTrue(new RegExp(`^${said} rank 0 \\(host0\\), want the same on all ranks$`).test(found[1]), found[1]);
    assertTrue(found.every((text, rank) => rank === 1 || !text?.startsWith("Cannot")), `${found}`);
  }
});

Deno.test("a loss that is not finite on one rank is refused on all, in the step in which it comes", async () => {
  const [mim, tuning] = await whenRank1((weights) => weights[0] = NaN);
  for (const [phase, found] of [["pre-training", mim], ["fine-tuning", tuning]] as const) {
    const said = new RegExp(
      `^Cannot go on after ${phase} step 2 \\(epoch 1, learning rate [^)]+\\): the loss is NaN, want a finite one ` +
        "\\(a lower learning rate\\?\\)$",
    );
    assertEqual([found.length, new Set(found).size], [3, 1]);
    assertTrue(said.test(found[0]!), found[0]!);
  }
  const arenas = [0, 1].map(() => randomArena(classifierInference(CLASSIFIER, 1)));
  arenas[1].view("head.bias")[0] = Infinity;
  const shared = { engine, model: CLASSIFIER, split: images.test, batch: 12, testCropRatio: 1 };
  const evaluated = await settleOnRanks(2, (ranks) => {
    return evaluate({ ...shared, arena: arenas[ranks.rank], ranks, monitor: monitor() });
  });
  // Rank 1 has the second batch.
  const refused =
    "Cannot go on after the evaluation of image 12: the loss is NaN, want a finite one (a lower learning rate?)";
  assertEqual(messages(evaluated), [refused, refused]);
});
