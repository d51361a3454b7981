import fc from "fast-check";
import { drawViews, type ViewsConfig, viewsFault, visibleOf } from "../core/masking/drawViews.ts";
import type { MaeConfig } from "../core/methods/mae/config.ts";
import { mae } from "../core/methods/mae/method.ts";
import { methodOf } from "../core/methods/mod.ts";
import { patchLength } from "../core/models/config.ts";
import { scaleLr } from "../core/optim/groups.ts";
import { randomStream } from "../core/random/stream.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { Arena } from "../core/engine/arena.ts";
import { sha256 } from "../core/sha256.ts";
import { findCheckpoint, readCheckpoint } from "../training/checkpoint/checkpointFiles.ts";
import { PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import type { PretrainConfig } from "../training/config.ts";
import { gradientNames, rateOf } from "../training/liveness.ts";
import { iterationsPerEpoch } from "../training/batches.ts";
import { scheduleOf } from "../training/schedule.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue, relativeNorm } from "./assert.ts";
import { compiled, randomArena, runOnce } from "./engineTools.ts";
import { folderOf, keeperOptions } from "./keeperTools.ts";
import { ONE_VIEW, TWO_VIEWS } from "./maeTools.ts";
import { inFolder } from "./reportTools.ts";
import { assertResumes } from "./resumeTools.ts";
import { images, monitor, pretrain, pretrainConfig } from "./trainingTools.ts";

/** Two disjoint views of 16 patches in 4 cells. */
const TWO: MaeConfig = { ...TWO_VIEWS, depth: 3 };
const ONE: MaeConfig = { ...TWO, ...ONE_VIEW };

const stream = (seed: number) => (view: number) => randomStream(seed, "mask", view);

/** Share of the patches that some view masks, and of each view; all views of an image. */
function coverage(config: ViewsConfig, grid: number, seed: number): { together: number; each: number[] } {
  const masks = drawViews(config, grid, stream(seed)).map(({ mask }) => mask);
  const together = masks[0].filter((_, token) => masks.some((mask) => mask[token] === 1)).length / grid ** 2;
  return { together, each: masks.map((mask) => mask.reduce((sum, value) => sum + value, 0)) };
}

Deno.test("disjoint views mask as many patches each, and together what the prediction rate asks for", () => {
  const shapes = fc.record({
    half: fc.integer({ min: 2, max: 7 }),
    pattern: fc.constantFrom("uniform" as const, "cells" as const),
    views: fc.integer({ min: 2, max: 5 }),
    mask: fc.integer({ min: 10, max: 90 }),
    share: fc.integer({ min: 0, max: 100 }),
    seed: fc.nat(),
  });
  let most = 0;
  fc.assert(
    fc.property(shapes, ({ half, pattern, views, mask, share, seed }) => {
      const maskRatio = mask / 100, limit = Math.min(1, views * maskRatio), grid = 2 * half;
      const predRatio = maskRatio + (limit - maskRatio) * share / 100;
      const config: ViewsConfig = { maskRatio, predRatio, pattern, views, viewRule: "disjoint" };
      fc.pre(viewsFault(config, grid) === undefined);
      const { together, each } = coverage(config, grid, seed);
      const units = pattern === "cells" ? half ** 2 : grid ** 2;
      each.forEach((count) => assertEqual(count, grid ** 2 - visibleOf(config, grid)));
      // Whole units: the first view's share is rounded up, what comes to it down.
      const above = (together - predRatio) * units;
      assertTrue(above > -2 && above < 1 + 1e-9, `${above} units above a prediction rate of ${predRatio}`);
      most = Math.max(most, together);
    }),
    { examples: [[{ half: 4, pattern: "uniform", views: 2, mask: 75, share: 100, seed: 0 }]] },
  );
  assertEqual(most, 1);
});

Deno.test("what views of the paper's masks cover: disjoint ones all patches, independent ones what chance leaves", () => {
  const of = (changed: Partial<ViewsConfig>) => coverage({ ...TWO, ...changed }, 14, 5).together;
  assertEqual(of({}), 1);
  assertEqual(of({ pattern: "cells", maskRatio: 0.6 }), 1);
  // int() keeps 117 of 196 patches and masks 78 of these.
  assertEqual(of({ maskRatio: 0.4, predRatio: 0.8 }), (79 + 78) / 196);
  assertEqual(of({ maskRatio: 0.25, predRatio: 1, views: 4 }), 1);
  const independent: ViewsConfig = { ...TWO, viewRule: "independent", predRatio: 0.75 };
  const mean = Array.from({ length: 200 }, (_, seed) => coverage(independent, 14, seed).together / 200)
    .reduce((a, b) => a + b);
  assertAlmostEqual(mean, 1 - 0.25 ** 2, 0.004); // four standard errors of 200 images: 4 * 0.0125 / sqrt(200) = 0.0035
});

Deno.test("the adaptive rule gives the paper's learning rates: unique images times prediction over corruption rate", () => {
  const lr = (changed: Partial<MaeConfig>, base = 1.5e-4) =>
    scaleLr(base, 512) * mae.views({ ...TWO, ...changed }).lrFactor;
  const cells = { pattern: "cells", maskRatio: 0.6 } as const;
  const rates = [lr({}), lr(cells), lr(cells, 6e-4), lr({ lrRule: "views" }), lr({ lrRule: "unique" })];
  [4e-4, 5e-4, 2e-3, 6e-4, 3e-4].forEach((wanted, k) => assertAlmostEqual(rates[k], wanted, 1e-12)); // rounding
});

Deno.test("the same mask twice is one view: the same loss and gradients", async () => {
  const pixels = Uint8Array.from({ length: 2 * 32 * 32 * 3 }, (_, k) => (k * 7919) % 251);
  const normalised = Float32Array.from(pixels, (value) => value / 127.5 - 1);
  const run = async (config: MaeConfig) => {
    const program = mae.program(config, 2, [true]), feeder = mae.feeder(config, [true]);
    const feeds = feeder.inputs(
      normalised,
      2,
      feeder.targets(pixels, 2),
      (image, view) => randomStream(9, "mask", image, view),
    );
    const names = program.parameters.map(({ name }) => name);
    return await runOnce(compiled, program, randomArena(program, 0.2), feeds, names);
  };
  const one = await run(ONE), twice = await run({ ...TWO, predRatio: TWO.maskRatio });
  assertAlmostEqual(twice.outputs.loss[0], one.outputs.loss[0], 1e-5); // sums in another order
  for (const [name, gradient] of Object.entries(one.gradients)) {
    assertTrue(relativeNorm(twice.gradients[name], gradient) < 1e-4, name); // the same, a hundred times as long
    assertTrue(gradient.some((value) => value !== 0), `${name} has no gradient`);
  }
});

/** Three epochs of three steps in which all but the last layer freeze. */
function configOf(method: MaeConfig, changed: Parameters<typeof pretrainConfig>[0] = {}): PretrainConfig {
  const config = pretrainConfig({ epochs: 3, batch: 8, baseLr: 0.02, ...changed }, { t0: 0.4 });
  return { ...config, method: { name: "mae", ...method } };
}

Deno.test("masked autoencoders with two views resume at every step bit for bit; what is frozen keeps every bit", () =>
  inFolder(async (folder) => {
    const config = configOf(TWO), { batch, accumulation } = config, total = 9;
    const keeper = await PhaseKeeper.open(keeperOptions(folder, () => true), "2026-01-01T00:00:00Z");
    const schedule = scheduleOf(config, mae.encoder(TWO), iterationsPerEpoch(images.train.length, batch, accumulation));
    const straight = await pretrain(config, { keeper });
    const states: Arena[] = [];
    for (let iteration = 0; iteration <= total; iteration++) {
      const own = await folderOf(folder, iteration), arena = new Arena(mae.parameters(TWO));
      await readCheckpoint(own, (await findCheckpoint(own, () => {}))!, arena);
      states.push(arena);
      await assertResumes(own, iteration, straight, (changed) => pretrain(config, changed));
    }
    let frozen = 0;
    for (let iteration = 0; iteration < total; iteration++) {
      const state = freezeState(schedule, iteration), [before, after] = states.slice(iteration);
      for (const name of after.names()) {
        const { live } = rateOf(mae.owner(name, TWO), state);
        assertEqual(hashOf(before, name) === hashOf(after, name), !live, `${name}, step ${iteration}`);
        if (!live) frozen++;
      }
    }
    assertTrue(frozen > 20, `${frozen} frozen tensors`);
    const late = freezeState(schedule, total - 1), names = mae.parameters(TWO).map(({ name }) => name);
    const left = gradientNames(mae.parameters(TWO), (name) => mae.owner(name, TWO), late, "cut");
    assertTrue(left.length < names.length, "nothing was cut");
  }));

function hashOf(arena: Arena, name: string): string {
  return sha256(new Uint8Array(arena.view(name).slice().buffer));
}

Deno.test("a step of two views decodes and crops each image once", async () => {
  const count = async (config: MaeConfig, changed: Parameters<typeof pretrainConfig>[0]) => {
    let read = 0, steps = 0;
    const train = { ...images.train, load: (index: number) => (read++, images.train.load(index)) };
    await pretrain(configOf(config, changed), {
      dataset: { ...images, train },
      monitor: monitor(() => steps++),
    });
    return { read, steps };
  };
  assertEqual(await count(ONE, { epochs: 2, batch: 8 }), { read: 48, steps: 6 });
  assertEqual(await count(TWO, { epochs: 1, batch: 4 }), { read: 24, steps: 6 });
});

Deno.test("what views cannot be is refused by key, value found and value wanted", async () => {
  const cases: [Partial<MaeConfig>, string][] = [
    [{ predRatio: 0.5 }, "predRatio 0.5: want 0.75 to 1, what 2 views can mask"],
    [{ maskRatio: 0.3, predRatio: 0.7 }, "predRatio 0.7: want 0.3 to 0.6, what 2 views can mask"],
    [{ views: 1 }, "predRatio 1: want 0.75, as maskRatio, where views are not disjoint"],
    [{ views: 1, predRatio: 0.75 }, "viewRule disjoint: want independent with a single view"],
    [{ views: 0 }, "views 0: want"],
    [{ maskRatio: 1.5 }, "maskRatio 1.5: want a number from 0 to 1"],
    [{ maskRatio: 0.99 }, "maskRatio 0.99: want some of the 16 patches masked and some visible"],
    [{ pattern: "cells", imageSize: 40 }, "pattern cells: want an even grid of patches, found 5"],
    [{ decoderDim: 18 }, "decoderDim 18: want a multiple of 4 and of the 2 decoderHeads"],
    [{ target: "l1" as "hog" }, 'target "l1": want pixels, normPixels, hog, hogL2 or features'],
    [{ visible: 5 as never }, "visible 5: want an object or null"],
  ];
  for (const [changed, message] of cases) {
    await assertRejects(
      () => new Promise((done) => done(methodOf({ name: "mae", ...TWO, ...changed }))),
      message,
    );
  }
  assertEqual(patchLength(TWO), 192);
});
