import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import { freezeOutState } from "../core/schedules/freezeOut.ts";
import { sha256 } from "../core/sha256.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import { holdOut } from "../datasets/heldOut.ts";
import { padCrop } from "../datasets/transforms/padCrop.ts";
import { bestEpoch, bestError, errorAt } from "../records/readings.ts";
import { findCheckpoint, readCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import { checkPhases } from "../training/checkPhases.ts";
import type { TrainConfig } from "../training/config.ts";
import { freezeOutOf, netOf, train as trainRunner } from "../training/phases/train.ts";
import { assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { folderOf, keeperOptions } from "./keeperTools.ts";
import { ADAMW, CLASSES, run, SGD, STEPS } from "./netTrainingTools.ts";
import { onRanks } from "./ranksInProcess.ts";
import { inFolder } from "./reportTools.ts";
import { assertResumes } from "./resumeTools.ts";
import { STATE, stateHash, timeless } from "./runState.ts";

/** The same of what throws at once. */
const assertThrows = (run: () => unknown, message: string | RegExp) =>
  assertRejects(() => new Promise((resolve) => resolve(run())), message);

const scheduleIn = (config: TrainConfig) => {
  const { net, config: model } = netOf(config, CLASSES);
  return freezeOutOf(config, net.layers(model), STEPS / config.epochs);
};

for (const [name, config] of Object.entries({ "SGD": SGD, "AdamW, 2 micro-batches": ADAMW })) {
  Deno.test(`training of a convolutional network resumed around each freeze, in an epoch and after one is the straight run, bit for bit: ${name}`, () =>
    inFolder(async (folder) => {
      const keeper = await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z");
      const straight = await run(config, { keeper }), frozen = straight.events.map(({ at }) => at);
      assertTrue(frozen.length >= 3, JSON.stringify(straight.events));
      assertEqual(straight.epochs.every(({ metrics }) => metrics?.top1 !== undefined), true);
      const around = straight.events.flatMap(({ iteration }) => [iteration - 1, iteration, iteration + 1]);
      for (const iteration of new Set([0, 2, 5, ...around, STEPS])) {
        const own = await folderOf(folder, iteration);
        const steps = await assertResumes(own, iteration, straight, (changed) => run(config, changed));
        assertEqual(steps, STEPS - iteration, "steps that were run again");
      }
    }));
}

Deno.test("weights, moments and running statistics of frozen layers do not change by one bit, and live ones do", () =>
  inFolder(async (folder) => {
    await run(SGD, { keeper: await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z") });
    const { net, config: model } = netOf(SGD, CLASSES), specs = trainRunner.parameters(SGD, CLASSES);
    const layers = new Map(net.parameters(model).map(({ name }) => [name, net.layerOf(model, name)]));
    for (const { name, layer } of net.statistics(model)) {
      for (const which of ["running_mean", "running_var"]) layers.set(`${name}.${which}`, layer);
    }
    const arenaAt = async (iteration: number) => {
      const arena = new Arena(specs), own = await folderOf(folder, iteration);
      await readCheckpoint(own, (await findCheckpoint(own, () => {}))!, arena);
      return arena;
    };
    let before = await arenaAt(0), frozen = 0, live = 0;
    for (let iteration = 0; iteration < STEPS; iteration++) {
      const { liveLayers, layerLr } = freezeOutState(scheduleIn(SGD), iteration), after = await arenaAt(iteration + 1);
      for (const name of after.names()) {
        const bits = (arena: Arena) =>
          STATE.map((region) => sha256(new Uint8Array(arena.view(name, region).slice().buffer))).join();
        const same = bits(before) === bits(after), layer = layers.get(name)!;
        if (!liveLayers[layer]) {
          frozen++;
          assertTrue(same, `${name} of frozen layer ${layer} moved in step ${iteration}`);
        } else if (layerLr[layer] > 0) {
          live++;
          assertTrue(!same, `${name} of live layer ${layer} did not move in step ${iteration}`);
        }
      }
      before = after;
    }
    assertTrue(frozen > 50 && live > 50, `${frozen} frozen and ${live} live tensors were looked at`);
  }));

Deno.test("two ranks train as one process does in two passes, and their running statistics are the same", async () => {
  const config = { ...SGD, batch: 2, accumulation: 2 }, alone = await run(config);
  const [first, second] = await onRanks(2, (ranks) => run(config, { ranks }));
  assertEqual(stateHash(first.arena), stateHash(second.arena));
  assertEqual(timeless(first), timeless(second));
  for (const name of alone.arena.names()) {
    // The same sums in the order of ranks and of passes: rounding alone.
    const far = relativeNorm(first.arena.view(name), alone.arena.view(name));
    assertTrue(far < 1e-5, `${name}: ${far}`);
  }
});

Deno.test("an image is cut out of itself with a black edge around it, and mirrored", () => {
  const size = 3, pixels = Uint8Array.from({ length: 27 }, (_, i) => 10 + Math.floor(i / 3)); // 10 … 18 by pixel
  const cut = (top: number, left: number, flip = false) =>
    [...padCrop(pixels, size, { padding: 1, top, left, flip })].filter((_, i) => i % 3 === 0);
  assertEqual(cut(1, 1), [10, 11, 12, 13, 14, 15, 16, 17, 18]);
  assertEqual(cut(0, 0), [0, 0, 0, 0, 10, 11, 0, 13, 14]);
  assertEqual(cut(2, 2), [14, 15, 0, 17, 18, 0, 0, 0, 0]);
  assertEqual(cut(1, 2, true), [0, 12, 11, 0, 15, 14, 0, 18, 17]);
});

const split = (labels: number[], published?: number[]): ImageSplit => ({
  length: labels.length,
  labels: Int32Array.from(labels),
  ...(published && { published: Int32Array.from(published) }),
  load: () => ({ width: 1, height: 1, crop: () => new Uint8Array(3) }),
});

Deno.test("the last images are held out: in published order, or the last of each class", async () => {
  const labels = [0, 0, 0, 1, 1, 1],
    parts = (s: ImageSplit) => {
      const { train, validation } = holdOut(s, 3);
      return [[...train.labels], [...validation.labels]];
    };
  assertEqual(parts(split(labels)), [[0, 1, 1], [0, 0, 1]]);
  assertEqual(parts(split(labels, [5, 0, 1, 4, 3, 2])), [[0, 0, 1], [0, 1, 1]]);
  await assertThrows(
    () => holdOut(split(labels), 6),
    "Cannot hold out 6 images for validation: the training set has 6",
  );
  fc.assert(fc.property(fc.array(fc.nat(3), { minLength: 2, maxLength: 40 }), fc.nat(38), (labels, some) => {
    const count = Math.min(some, labels.length - 1), { train, validation } = holdOut(split(labels), count);
    assertEqual([train.length, validation.length], [labels.length - count, count]);
    assertEqual([...train.labels, ...validation.labels].sort(), [...labels].sort());
  }));
});

Deno.test("errors are read at shares of the epochs, the lowest with the first epoch that has it", () => {
  const epochs = [60, 70, 75, 80, 80].map((top1) => ({ metrics: { top1 } })) as unknown as Parameters<
    typeof bestError.read
  >[0]["epochs"];
  const read = (reading: typeof bestError) => reading.read({ epochs, metrics: {} }, epochs.length);
  assertEqual([errorAt(40), errorAt(80), errorAt(100), bestError, bestEpoch].map(read), [30, 20, 20, 20, 80]);
  assertEqual(bestError.read({ epochs: [], metrics: {} }, 0), undefined);
});

Deno.test("what cannot be trained is refused: key, value found, value wanted", async () => {
  const phase = (changed: object) => [{
    kind: "train" as const,
    seed: 0,
    data: { source: "procedural", classes: null, train: null },
    config: { ...SGD, ...changed } as unknown as Record<string, unknown>,
  }];
  const refused: [changed: object, message: string][] = [
    [{ net: { ...SGD.net, depth: 11 } }, "depth 11: want 6 n + 4"],
    [{ net: { ...SGD.net, widen: 0 } }, "widen 0: want"],
    [{ net: { ...SGD.net, imageSize: 30 } }, "imageSize 30"],
    [{ net: { ...SGD.net, name: "lenet" } }, 'net "lenet": want one of wrn, resnet, densenet, vgg'],
    [{ optimizer: { kind: "lars" } }, "optimizer"],
    [{ padding: -1 }, "padding -1: want a whole number of at least 0"],
    [{ freeze: { t0: 0, power: 1, scaled: true } }, "freeze.t0 0: want a number above 0"],
  ];
  for (const [changed, message] of refused) await assertThrows(() => checkPhases(phase(changed)), message);
  const check = (changed: object, count: number) => () => trainRunner.checkImages!({ ...SGD, ...changed }, count);
  await assertThrows(check({ batch: 30 }, 24), "Cannot fill a batch of 30 images");
  await assertThrows(check({ freeze: { t0: 1e-3, power: 3, scaled: true } }, 24), "layer 0 would freeze");
  await assertRejects(() => run({ ...SGD, batch: 1 }), "a batch of 1: want at least 2 images");
  await assertRejects(
    () => run({ ...SGD, lr: 1e20 }),
    /Cannot go on after training step \d+ \(epoch 1, learning rate 191000000000000000000\): the loss is/,
  );
});
