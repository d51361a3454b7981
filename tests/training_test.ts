import { Arena, type Region } from "../core/engine/arena.ts";
import { classifierParameters } from "../core/models/classifier.ts";
import { initialize } from "../core/models/init.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { ownerOf } from "../core/methods/localmim/parameters.ts";
import { rankOf } from "../core/probes/rank.ts";
import { evaluate } from "../training/evaluate.ts";
import { rateOf } from "../training/liveness.ts";
import { weightsHash } from "../training/weightsHash.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { compiled, TINY } from "./engineTools.ts";
import {
  classifierOf,
  FINETUNE,
  finetune,
  images,
  monitor,
  pretrain,
  pretrainConfig,
  scheduleIn,
  WatchedEngine,
} from "./trainingTools.ts";

const CLASSIFIER = classifierOf(TINY);
const KEPT: Region[] = ["value", "moment1", "moment2"];

/** A copy of weights and optimiser state. */
function snapshot(arena: Arena): Map<string, Float32Array[]> {
  return new Map(arena.names().map((name) => [name, KEPT.map((region) => arena.view(name, region).slice())]));
}

for (const [backward, clsToken] of [["cut", "layer0"], ["live", "layer0"], ["live", "global"]] as const) {
  Deno.test(`pretrain() changes no bit of what is frozen, and all that lives: ${backward}, ${clsToken}`, async () => {
    const engine = new WatchedEngine(), model = { ...TINY, depth: 6, stageBlocks: [2, 3, 5, 6] };
    const config = pretrainConfig({ epochs: 4, warmupEpochs: 0.5 }, { clsToken, backward }, model);
    const snapshots: Map<string, Float32Array[]>[] = [], schedule = scheduleIn(config);
    const watch = monitor(() => snapshots.push(snapshot(engine.arena!)));
    const { events, epochs } = await pretrain(config, { engine, monitor: watch });
    assertEqual(snapshots.length, 24);
    const frozen = new Set<string>(), moved = new Set<string>();
    for (let iteration = 1; iteration < 24; iteration++) {
      const state = freezeState(schedule, iteration);
      for (const [name, now] of snapshots[iteration]) {
        const before = snapshots[iteration - 1].get(name)!, { live, lr } = rateOf(ownerOf(name), state);
        if (!live) {
          assertEqual(now, before, `${name} is frozen in iteration ${iteration}`);
          frozen.add(name);
        } else if (lr > 0) {
          assertTrue(
            now.every((values, i) => values.some((value, k) => value !== before[i][k])),
            `${name} stands still`,
          );
          moved.add(name);
        }
      }
    }
    // Everything moved at first; in the end only the last layer and the last stage did.
    const all = engine.arena!.names(), lasting = all.filter((name) => /^(blocks\.5|norm\.3|decoder\.3)\./.test(name));
    assertEqual(all.filter((name) => !moved.has(name)), []);
    assertEqual(all.filter((name) => !frozen.has(name)), clsToken === "global" ? ["cls_token", ...lasting] : lasting);

    const spans = [10.5, 12.25, 14, 15.75, 17.5, 19.25]; // t_i * 21 iterations, after 3 of warm-up
    assertEqual(
      events.flatMap((event) => event.kind === "freeze" ? [[event.at, event.iteration]] : []),
      spans.map((span, layer) => [layer, 3 + Math.floor(span) + 1]),
    );
    assertEqual(events.filter(({ kind }) => kind === "prune").map(({ iteration }) => iteration), [18, 19, 23]);
    assertEqual(epochs.map(({ losses }) => [0, 1, 2, 3].map((stage) => losses[`loss${stage}`] !== null)), [
      [true, true, true, true],
      [true, true, true, true],
      [true, true, true, true],
      [false, false, false, true],
    ]);
    assertEqual(engine.open, 0);
  });
}

Deno.test("pretrain() and finetune() give the same weights for the same seed, others for another", async () => {
  const hashes = async (seed: number) => {
    const pretrained = await pretrain(pretrainConfig(), { seed });
    const tuned = await finetune(FINETUNE, { seed, from: pretrained.arena }),
      scratch = await finetune(FINETUNE, { seed });
    return [pretrained, tuned, scratch].map(({ arena }) => weightsHash(arena));
  };
  const first = await hashes(1), again = await hashes(1), other = await hashes(2);
  assertEqual(first, again);
  assertEqual(new Set([...first, ...other]).size, 6);
});

/** The weights before and after the first update, and what the engine was fed for it. */
async function firstUpdate(train: (engine: WatchedEngine, step: () => void) => Promise<unknown>) {
  const engine = new WatchedEngine();
  let after: Map<string, Float32Array[]> | undefined, feeds = 0;
  await train(engine, () => {
    after ??= snapshot(engine.arena!);
    feeds ||= engine.feeds.length;
  });
  return { after: after!, feeds: engine.feeds.slice(0, feeds) };
}

/** Compares one step of 4 images with one of two micro-batches of 2. */
async function compareAccumulation(train: (batch: number) => Parameters<typeof firstUpdate>[0], inputs: string[]) {
  const whole = await firstUpdate(train(4)), parts = await firstUpdate(train(2));
  assertEqual([whole.feeds.length, parts.feeds.length], [1, 2]);
  for (const input of inputs) {
    assertEqual(parts.feeds.flatMap((feeds) => [...feeds[input]]), [...whole.feeds[0][input]], input);
  }
  for (const [name, [value, moment1]] of whole.after) {
    const [value2, moment12] = parts.after.get(name)!;
    // The first moment after one update is the gradient: a float32 sum over 4 images, in another order.
    assertTrue(relativeNorm(moment12, moment1) < 1e-5, `gradient of ${name}: ${relativeNorm(moment12, moment1)}`);
    assertTrue(relativeNorm(value2, value) < 1e-5, `${name}: ${relativeNorm(value2, value)}`);
  }
}

// AdamW's first step is lr * g / (|g| + eps): with eps far above rounding noise, noise in a gradient stays noise.
const SMOOTH = { eps: 1e-3 };

Deno.test("pretrain() with two micro-batches updates as with one batch of all images", async () => {
  await compareAccumulation((batch) => (engine, step) => {
    const config = pretrainConfig({ ...SMOOTH, batch, accumulation: 4 / batch }, { t0: 1 });
    return pretrain(config, { engine, monitor: monitor(step) });
  }, ["patches", "target0", "target3", "pooledWeight"]);
});

Deno.test("finetune() with two micro-batches updates as with one batch of all images", async () => {
  const plain = { mixup: 0, cutmix: 0, dropPath: 0 };
  await compareAccumulation((batch) => (engine, step) => {
    const config = { ...FINETUNE, ...SMOOTH, ...plain, batch, accumulation: 4 / batch };
    return finetune(config, { engine, monitor: monitor(step) });
  }, ["patches", "targets"]);
});

Deno.test("finetune() starts from the pre-trained encoder, and from nothing else of it", async () => {
  const stop = new AbortController(), { arena: from } = await pretrain(pretrainConfig({}, { t0: 1 }));
  const engine = new WatchedEngine(), config = { ...FINETUNE, epochs: 2, warmupEpochs: 1 };
  // The first step of warm-up has rate 0.
  const enough = monitor(() => stop.abort(new Error("enough")), stop.signal);
  const run = finetune(config, { engine, from, monitor: enough });
  await assertRejects(() => run, "enough");
  assertEqual(engine.open, 0);
  const fresh = new Arena(classifierParameters(CLASSIFIER));
  initialize(fresh, classifierParameters(CLASSIFIER), 3);
  for (const name of fresh.names()) {
    const taken = name === "cls_token" || /^(patch_embed|blocks)\./.test(name);
    assertEqual(engine.arena!.view(name), (taken ? from : fresh).view(name), name);
  }
});

Deno.test("evaluate() counts whole splits, the last batch being short", async () => {
  const arena = new Arena(classifierParameters(CLASSIFIER), 1), classes = CLASSIFIER.numClasses;
  const run = () =>
    evaluate({
      engine: compiled,
      model: CLASSIFIER,
      arena,
      split: images.test,
      batch: 5,
      testCropRatio: 1,
      monitor: monitor(),
    });
  // All weights 0: constant logits are right about nothing.
  const nothing = await run();
  assertEqual([nothing.top1, nothing.top5], [0, 0]);
  assertAlmostEqual(nothing.loss!, Math.log(classes), 1e-6);
  // The head prefers class 0, then 1, and so on.
  arena.view("head.bias").set(Float32Array.from({ length: classes }, (_, c) => -c));
  const ordered = await run(), labels = [...images.test.labels];
  const among = (best: number) => 100 * labels.filter((label) => label < best).length / 23;
  assertTrue(among(1) > 0 && among(5) > among(1) && among(5) < 100, "the labels tell nothing");
  assertEqual([ordered.top1, ordered.top5], [among(1), among(5)]);
  const sum = Array.from({ length: classes }, (_, c) => Math.exp(-c)).reduce((a, b) => a + b);
  const mean = labels.reduce((a, b) => a + b) / 23;
  assertAlmostEqual(ordered.loss!, mean + Math.log(sum), 1e-6);
});

Deno.test("rankOf() counts the classes above, ties and NaN against the label", () => {
  const logits = Float32Array.of(1, 3, 2, 3);
  assertEqual([0, 1, 2, 3].map((label) => rankOf(logits, label)), [3, 1, 2, 1]);
  assertEqual(rankOf(Float32Array.of(1, NaN, 0), 0), 1);
  assertEqual(rankOf(Float32Array.of(NaN, 1, 0), 0), 2);
});
