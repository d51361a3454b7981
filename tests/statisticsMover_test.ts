import { Arena } from "../core/engine/arena.ts";
import { statisticsSpecs } from "../core/models/convnet/statistics.ts";
import { ALONE } from "../core/parallel/ranks.ts";
import { StatisticsMover } from "../training/statisticsMover.ts";
import { assertAlmostEqual, assertEqual } from "./assert.ts";

Deno.test("running statistics move a tenth of the way to the mean of all passes", async () => {
  const arena = new Arena(statisticsSpecs([{ name: "n", channels: 2 }])), mover = new StatisticsMover();
  const running = (which: string) => [...arena.view(`n.running_${which}`)];
  arena.view("n.running_var").fill(1);
  const pass = (mean: number[], variance: number[]) =>
    mover.add(["n"], { "n.mean": Float32Array.from(mean), "n.variance": Float32Array.from(variance) });
  pass([1, 3], [2, 4]);
  pass([3, 5], [4, 8]);
  await mover.move(arena, ALONE, 2);
  // Of means 2 and 4, variances 3 and 6: 0.1 · 2, 0.1 · 4; 1 + 0.1 (3 - 1), 1 + 0.1 (6 - 1), in single precision.
  const wanted = { mean: [0.2, 0.4], var: [1.2, 1.5] };
  for (const [which, values] of Object.entries(wanted)) {
    running(which).forEach((value, k) => assertAlmostEqual(value, values[k], 1e-7, which));
  }
  // The sums are forgotten: a step without passes moves nothing, the next one begins anew.
  const before = running("mean");
  await mover.move(arena, ALONE, 2);
  assertEqual(running("mean"), before);
  pass([2, 4], [3, 6]);
  await mover.move(arena, ALONE, 1);
  running("mean").forEach((value, k) => assertAlmostEqual(value, before[k] + 0.1 * (2 * (k + 1) - before[k]), 1e-7));
});
