import fc from "fast-check";
import { parseDuration } from "../reports/logs/durations.ts";
import { BLUR, findDrops } from "../reports/logs/drops.ts";
import { createLineSplitter } from "../reports/logs/lines.ts";
import type { LogRun } from "../reports/logs/model.ts";
import { parseNamespace } from "../reports/logs/namespace.ts";
import { readRecipe, recipeSchedule } from "../reports/logs/recipe.ts";
import { createSeries } from "../reports/logs/series.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { recipeOf } from "./logTools.ts";

Deno.test("readRecipe() reads programs, kinds, batches and freezing", () => {
  const usual = { epochs: 100, warmup_epochs: 10, batch_size: 64, accum_iter: 2, world_size: 4, blr: 1e-3 };
  const read = (change: LogRun["args"]) => recipeOf({ ...usual, model: "MIM_vit_large_patch16", ...change });
  const { program, kind, batch, lr, freezing, blocks } = read({ hog_nbins: 18 });
  assertEqual([program, kind, batch, lr, freezing, blocks], ["LocalMIM", "pretrain", 512, 0.002, null, 24]);
  assertEqual([read({ lr: 0.1 }).lr, read({ finetune: "x" }).kind, read({}).program], [0.1, "finetune", "MAE"]);
  assertEqual(read({ t_0: 0.5, how_scale: "squared", not_scale_lr: true }).freezing, {
    t0: 0.5,
    power: 2,
    scaled: false,
    patchEmbed: true,
  });
  assertEqual(read({ t_0: 1 }).freezing, null);
  assertEqual(readRecipe({ ...usual, blr: null }), "the Namespace has neither lr nor blr");
  assertEqual(readRecipe({ epochs: 3 }), "the Namespace has no warmup_epochs");
  assertEqual(readRecipe({ ...usual, warmup_epochs: 100 }), "all 100 epochs are warm-up");
});

Deno.test("recipeSchedule() counts block 1 as layer 0 where the patch embedding does not freeze", () => {
  const args = { epochs: 100, warmup_epochs: 10, batch_size: 256, lr: 1, model: "vit_base", t_0: 0.8 };
  const schedule = recipeSchedule(recipeOf({ ...args, dont_freeze_pe: true }), 1, "code")!;
  assertEqual([schedule.layers, schedule.stageBlocks], [12, [1, 3, 9, 11]]);
  assertEqual(recipeSchedule(recipeOf({ ...args, t_0: 1 }), 1, "code"), null);
});

Deno.test("findDrops() finds steps and neither steady falls nor the ends of rises", () => {
  const drops = (value: number[], smallest = 0.1) => {
    const from = value.map((_, k) => k), to = from.map((k) => k + 1);
    return findDrops({ from, to, value, blur: BLUR.mean }, smallest).map(({ epoch }) => Number(epoch.toFixed(6)));
  };
  const levels = (...parts: [number, number][]) => parts.flatMap(([value, count]) => Array<number>(count).fill(value));
  assertEqual(drops(levels([10, 8], [5, 8])), [8]);
  assertEqual(drops(levels([10, 8], [6.25, 1], [5, 8])), [8.25], "a quarter of the mixed epoch came before");
  assertEqual(drops(levels([10, 8], [9.2, 8])), [], "too small");
  assertEqual(drops(levels([10, 8], [9.2, 8]), 0.05), [8]);
  assertEqual(drops(levels([5, 8], [10, 8], [5.1, 8])), [], "back to what it was");
  assertEqual(drops(levels([10, 5], [5, 4])), [], "too near the end");
  assertEqual(drops(levels([10, 8], [5, 6], [2, 6])), [8, 14]);
  for (const rate of [0.01, 0.1, 0.3, 1, 3]) {
    assertEqual(drops(Array.from({ length: 60 }, (_, k) => Math.exp(-rate * k))), [], `exponential ${rate}`);
    assertEqual(drops(Array.from({ length: 60 }, (_, k) => 100 - rate * k)), [], `linear ${rate}`);
  }
});

Deno.test("findDrops() finds one step at its place whatever the noise beside it", () => {
  fc.assert(fc.property(
    fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 40, maxLength: 40 }),
    fc.integer({ min: 6, max: 34 }),
    (noise, at) => {
      const value = noise.map((n, k) => (k < at ? 100 : 50) + n), from = value.map((_, k) => k);
      const found = findDrops({ from, to: from.map((k) => k + 1), value, blur: BLUR.mean }, 0.1);
      assertEqual(found.length, 1);
      assertAlmostEqual(found[0].epoch, at, 1e-9); // the boundary itself
    },
  ));
});

Deno.test("createSeries() keeps a bounded number of points spread over all", () => {
  const series = createSeries(undefined, 64);
  for (let k = 0; k < 10_000; k++) series.push({ from: k, to: k + 1, lr: 0, loss: k, stepSeconds: 0 });
  const { to, loss } = series.upTo();
  assertTrue(to.length < 64 && to.length >= 32, `${to.length} points`);
  const steps = new Set(to.slice(1).map((at, k) => at - to[k]));
  assertEqual(steps.size, 1, "even steps");
  assertEqual(to.map((at) => at - 1), loss);
  assertEqual(series.upTo(100).to.every((at) => at <= 100), true);
});

Deno.test("parseNamespace() reads Python's values", () => {
  const text = String
    .raw`a=1, b=-2.5e-05, c=None, d=True, e='x, y=(z)', f="it's", g=[1, (2, 3)], h='a\'b', i=P('q')) rest`;
  assertEqual(parseNamespace(text), {
    a: 1,
    b: -2.5e-5,
    c: null,
    d: true,
    e: "x, y=(z)",
    f: "it's",
    g: "[1, (2, 3)]",
    h: "a'b",
    i: "P('q')",
  });
  assertEqual(parseNamespace(")"), {});
  assertEqual(["a=1, b='", "a=1,", "a=1, be", ""].map(parseNamespace), Array(4).fill("open"));
  assertEqual(parseNamespace("1, 2)"), undefined);
});

Deno.test("parseDuration() reads Python's durations", () => {
  assertEqual(["0:00:05", "1 day, 23:58:06", "12 days, 0:00:00"].map(parseDuration), [5, 172686, 1036800]);
  assertEqual(["0:00:5", "1 day, ", "", "nan"].map(parseDuration), Array(4).fill(null));
});

Deno.test("createLineSplitter() keeps the beginning of a long line and all of the others", () => {
  const splitter = createLineSplitter(8), bytes = new TextEncoder();
  const lines = ["ab\r\n0123", "456789", "\n\nlast"].flatMap((text) => splitter.push(bytes.encode(text)));
  assertEqual([...lines, splitter.end()].map((line) => line?.text), ["ab", "01234567", "", "last"]);
  assertEqual(lines.map(({ number, clipped }) => [number, clipped]), [[1, false], [2, true], [3, false]]);
});
