import type { UnfrozenRow } from "../reports/judging/evidence.ts";
import { changeBetween, isSteady } from "../reports/judging/machine.ts";
import { judge } from "../reports/judging/verdicts.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { claim, column, judged, NOTHING, sources, verdict } from "./verdictsTools.ts";

/** Hours of three repeats, of a ratio give or take a little. */
const hours = (ratio: number, count = 3) =>
  [0, 0.001, -0.001].slice(0, count).map((noise) =>
    column("total_gpu_hours", { localmim: 10, ours: 10 * (ratio + noise) })
  );

Deno.test("judge() reads times one-sided at any scale, from three repeats on", async () => {
  const found = async (ratio: number, count = 3) => {
    const { verdict, reason } = await judged("p1.1", hours(ratio, count));
    return [verdict, reason];
  };
  // The half-width is 4.302653 x 0.001 / sqrt(3), times 1.314.
  const by = "n = 3, by 95 % intervals; differences from 0.0033 on show four times of five",
    wanted = "; at most 0.885 is wanted";
  assertEqual(await found(0.875), ["reproduced", by + wanted]);
  assertEqual(await found(0.7), ["reproduced", `${by}${wanted}; saves more than published`]);
  assertEqual(await found(0.9), ["not reproduced", by]);
  // One loaded hour flips nothing.
  assertEqual(await found(0.656, 1), ["inconclusive", "n = 1, want 3; the mean agrees"]);
  assertEqual(await found(1.214, 1), ["inconclusive", "n = 1, want 3; the mean does not agree"]);
  const ordered = column("gpu_hours", { simmim: 2, simmim_dm: 1, mae: 2, mae_dm: 1.5 });
  assertEqual(await verdict("t3.equal_ete_still_faster", [ordered, ordered, ordered]), "reproduced");
  const slower = column("gpu_hours", { simmim: 2, simmim_dm: 3, mae: 2, mae_dm: 1.5 });
  assertEqual(await verdict("t3.equal_ete_still_faster", [slower, slower, slower]), "not reproduced");
});

Deno.test("judge() gives no verdict on times where the same work took other times", async () => {
  const seeds = hours(0.7).map((observation) => [observation]);
  const found = async (slower: number, other: Partial<UnfrozenRow> = {}) => {
    const work = { work: "ViT", inTurn: false };
    const ours = { ...work, seconds: [slower, slower], ...other };
    const unfrozen = seeds.map(() => ({ localmim: { ...work, ...other, work: "ViT", seconds: [1, 1, 1] }, ours }));
    const { verdict, reason } = await judge(claim("p1.1"), { ...NOTHING, seeds, unfrozen }, sources);
    return [verdict, reason];
  };
  assertEqual((await found(1.029))[0], "reproduced");
  assertEqual((await found(0.98))[0], "reproduced");
  const changed = "the machine changed: rows took times for the same work that differ by";
  assertEqual(await found(1.04), ["inconclusive", `${changed} 4.0 %`]);
  assertEqual(await found(0.9), ["inconclusive", `${changed} 11.1 %`]);
  // Rows of different work tell nothing of the machine: one after another it may have changed, in turn it changed for both.
  const [apart, why] = await found(1, { work: "larger ViT" });
  assertTrue(why.includes("nothing tells whether the machine stayed the same"), why);
  assertEqual(apart, "undecided here");
  // Then how they compare hangs on the scale.
  assertEqual((await found(1.5, { work: "larger ViT", inTurn: true }))[0], "same here");
  // What else took turns tells whether the machine stayed the same meanwhile.
  const row = (work: string, seconds: number[]) => ({ work, inTurn: true, seconds });
  const beside = (third: number) =>
    changeBetween({ mae: row("MAE", [2]), localmim: row("ViT", [1]), ours: row("ViT", [third]) }, ["mae", "localmim"]);
  assertEqual([isSteady(beside(1.01)), isSteady(beside(1.07))], [true, false]);
});

Deno.test("judge() takes times of a backward pass that is cut for another method, and released ones before them", async () => {
  const cut = { seeds: hours(0.8).map((observation) => [observation]), unfrozen: [] };
  const baseline = [0, 1, 2].map(() => [column("total_gpu_hours", { localmim: 10 })]);
  const alone = await judge(claim("p1.1"), { ...NOTHING, seeds: baseline, cut }, sources);
  const by = "by a backward pass that freezing cuts, which the released code does not";
  assertEqual([alone.verdict, alone.reason], ["another method", `n = 3, ${by}; saves more than published`]);
  assertEqual(alone.text, "Ours 0.800 ± 0.002");
  const live = hours(0.9).map((observation) => [observation]);
  assertEqual((await judge(claim("p1.1"), { ...NOTHING, seeds: live, cut }, sources)).verdict, "not reproduced");
});
