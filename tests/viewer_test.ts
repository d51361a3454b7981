import { createHog } from "../core/hog/createHog.ts";
import { randomMask } from "../core/masking/randomMask.ts";
import { cellSize } from "../core/methods/localmim/config.ts";
import { tokenCount } from "../core/models/config.ts";
import { localMimProgram } from "../core/methods/localmim/program.ts";
import { gatherPatches } from "../core/models/patches.ts";
import { maskFeeds, targetFeed } from "../core/methods/localmim/feeds.ts";
import { localMimView } from "../core/methods/localmim/view.ts";
import { randomStream } from "../core/random/stream.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { epochBatches } from "../training/batches.ts";
import { showSeen, spread } from "../commands/visualize/images.ts";
import { stageError } from "../commands/visualize/stageError.ts";
import { createViewer } from "../commands/visualize/view.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled, randomArena, runOnce, TINY } from "./engineTools.ts";
import { images } from "./trainingTools.ts";
import { byHand } from "./visualizeTools.ts";

const VIEW = localMimView(TINY);

Deno.test("spread() takes images from all over a split, and no more than there are", () => {
  assertEqual([spread(4, 1000), spread(3, 2), spread(2, 0)], [[0, 250, 500, 750], [0, 1], []]);
});

/** A random image with its mask, as one step wants them. */
function example(seed: number) {
  const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, () => 0), random = randomStream(seed, "test");
  pixels.forEach((_, i) => pixels[i] = random.integer(256));
  const mask = randomMask(randomStream(seed, "mask", 0, 7), tokenCount(TINY), TINY.maskRatio);
  const planes = new Float32Array(pixels.length);
  toPlanar(pixels, planes, 0);
  const feeds = { ...maskFeeds(TINY, [mask]), patches: gatherPatches(planes, TINY, [mask.idsKeep]) };
  return { pixels, mask, feeds };
}

const all = [true, true, true, true];

Deno.test("createViewer() gives createHog()'s target and the program's rows, each cell in its place", async () => {
  const options = { config: TINY, batch: 1, liveStages: all };
  const program = localMimProgram({ ...options, heads: "all" }), arena = randomArena(program, 0.2);
  const { pixels, mask, feeds } = example(1);
  const { outputs } = await runOnce(compiled, program, arena, feeds);
  const viewer = await createViewer(compiled, VIEW, arena, all), views = await viewer.view(pixels, [mask]);
  viewer.dispose();
  assertEqual(views.map(({ side, cellPixels, block }) => [side, cellPixels, block]), [
    [16, 2, 1],
    [8, 4, 2],
    [4, 8, 3],
    [2, 16, 4],
  ]);
  for (const { stage, side, target, prediction } of views) {
    const scale = TINY.stageScales[stage], hog = [new Float32Array(target.length)];
    createHog({ height: 32, width: 32, cells: [cellSize(TINY, stage)], bins: TINY.hogBins })(pixels, 0, hog, 0);
    assertTrue(hog[0].every((value, i) => Math.abs(value - target[i]) < 2e-7), `target ${stage}`); // order of sums
    for (let cell = 0; cell < side * side; cell++) {
      const row = Math.floor(cell / side), column = cell % side, each = Math.max(1, scale);
      const token = scale < 1 ? cell : Math.floor(row / each) * 4 + Math.floor(column / each);
      // A head doubles rows and columns once or twice: the place inside the token is the bits (y, x) of each doubling.
      let place = 0;
      for (let half = each >> 1; half >= 1; half >>= 1) place = 4 * place + 2 * (row / half & 1) + (column / half & 1);
      const from = (token * each * each + place) * 9;
      assertEqual(
        prediction!.slice(cell * 9, cell * 9 + 9),
        outputs[`pred${stage}`].slice(from, from + 9),
        `stage ${stage}, cell ${cell}`,
      );
    }
  }
});

Deno.test("stageError() of masked cells is the loss that training takes", async () => {
  const options = { config: TINY, batch: 1, liveStages: all };
  const program = localMimProgram({ ...options, heads: "masked" }), arena = randomArena(program, 0.2);
  const { pixels, mask, feeds } = example(2);
  const viewer = await createViewer(compiled, VIEW, arena, all), views = await viewer.view(pixels, [mask]);
  viewer.dispose();
  const targets = views.map(({ stage, target }) => [`target${stage}`, targetFeed(TINY, stage, target, [mask])]);
  const { outputs } = await runOnce(compiled, program, arena, { ...feeds, ...Object.fromEntries(targets) });
  for (const view of views) {
    const loss = outputs[`loss${view.stage}`][0], { masked, visible } = stageError(view, "mean")!;
    // Float32 sums in another order.
    assertAlmostEqual(masked! / loss, 1, 1e-5, `stage ${view.stage}`);
    assertTrue(Math.abs(visible! / loss - 1) > 1e-3, `visible cells of stage ${view.stage} err as masked ones do`);
  }
});

Deno.test("stageError() weighs cells by their masked share, and takes channels apart", () => {
  // Cell errors 1, 4/3, 0 and 9, masked 1 and a half of the second; in the first channel 1, 4, 0 and 9.
  const close = (found: ReturnType<typeof stageError>, masked: number, visible: number) => {
    assertAlmostEqual(found!.masked!, masked, 1e-12);
    assertAlmostEqual(found!.visible!, visible, 1e-12);
  };
  close(stageError(byHand, "mean"), (1 + 2 / 3) / 1.5, (2 / 3 + 9) / 2.5);
  close(stageError(byHand, 0), (1 + 2) / 1.5, (2 + 9) / 2.5);
  assertEqual(stageError({ ...byHand, weight: Float32Array.of(1, 1, 1, 1) }, "mean")!.visible, null);
  assertEqual(stageError({ ...byHand, prediction: undefined }, "mean"), undefined);
});

Deno.test("createViewer() refuses a prediction that is no number", async () => {
  const program = localMimProgram({ config: TINY, batch: 1, liveStages: all, heads: "all" });
  const arena = randomArena(program, 0.2);
  arena.view("decoder.1.pred.1.bias").fill(NaN);
  const { pixels, mask } = example(3), viewer = await createViewer(compiled, VIEW, arena, all);
  await assertRejects(() => viewer.view(pixels, [mask]), "Cannot draw stage 2: it predicts NaN, want finite numbers");
  viewer.dispose();
});

Deno.test("showSeen() gives the crop, flip and mask that training gave an image in that epoch", async () => {
  const options = { seed: 3, batch: 4, imageSize: 32, cropScale: [0.2, 1] as const, kind: "pretrain" as const };
  const how = { view: VIEW, imageSize: 32, seed: 3 };
  const order = randomStream(3, "shuffle", 5).permutation(images.train.length);
  const facts = { epochs: 6, batch: 4, accumulation: 1, cropScale: [0.2, 1] as [number, number] };
  let compared = 0;
  for await (const { pixels, places } of epochBatches(images.train, options, 5, 6)) {
    for (const b of [0, 3]) {
      const seen = await showSeen(images.train, order[places[b]], how, 5, facts);
      assertEqual(seen.pixels, pixels.slice(b * 3072, (b + 1) * 3072));
      assertEqual(seen.masks, [randomMask(randomStream(3, "mask", 5, places[b]), tokenCount(TINY), TINY.maskRatio)]);
      compared++;
    }
  }
  assertEqual(compared, 12);
  const show = (epoch: number, batch: number) => () =>
    showSeen(images.train, order[23], how, epoch, { ...facts, batch });
  await assertRejects(show(6, 4), "in epoch 7: training had 6 epochs");
  await assertRejects(show(5, 5), "of 24 images the epoch used 20");
});

/** Fails unless tags are closed in order and attributes quoted; the renderer checks the rest. */
