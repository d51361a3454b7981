import { publishedObservation } from "../reports/judging/observations.ts";
import { judge } from "../reports/judging/verdicts.ts";
import type { Claim } from "../reports/sources/claims.ts";
import { tableOf } from "../reports/sources/publishedWorks.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { claim, column, judged, NOTHING, seeds, sources, verdict } from "./verdictsTools.ts";

Deno.test("judge() reads an ordering in columns in which less is better", async () => {
  const better = { fo_scaled: 30, nofo: 31, fo_unscaled: 33 };
  assertEqual(await verdict("t07.2", seeds("best_error", better)), "same here");
  assertEqual(await verdict("t07.2", seeds("best_error", { ...better, fo_unscaled: 29 })), "other here");
  const loss = { localmim_50: 0.5, localmim_70: 0.4, localmim_90: 0.3, localmim_100: 0.2 };
  assertEqual(await verdict("t12.1", seeds("pt_loss", loss)), "same here");
  const { text } = await judged("t12.1", [column("pt_loss", loss)]);
  assertEqual(text.split(", LocalMIM")[0], "LocalMIM-HOG, 100 epochs +0.1000 over LocalMIM-HOG, 90 epochs");
});

Deno.test("judge() never reproduces nor refutes an accuracy with one or two seeds", async () => {
  const order = { localmim: 84, vitfreeze_srlr: 80, vitfreeze_unscaled: 70, vitfreeze: 60 };
  const reversed = { localmim: 60, vitfreeze_srlr: 70, vitfreeze_unscaled: 80, vitfreeze: 84 };
  for (const count of [1, 2]) {
    for (const top1 of [order, reversed]) {
      const { verdict, reason } = await judged("t17.5", seeds("top1", top1, count));
      const agrees = top1 === order ? "agrees" : "does not agree";
      assertEqual([verdict, reason], ["undecided here", `n = ${count}, want 3; the mean ${agrees}`]);
    }
  }
  assertEqual(await verdict("t17.5", seeds("top1", order)), "same here");
  assertEqual(await verdict("t17.5", seeds("top1", reversed)), "other here");
  for (const id of ["t17.2", "p1.4"]) {
    const { table } = claim(id);
    const asPrinted = publishedObservation(tableOf(sources.works, table));
    assertEqual(await verdict(id, [asPrinted], "paper"), "inconclusive", id);
    // t17.2 is what the thesis is known for.
    const enough = Array(id === "t17.2" ? 5 : 3).fill(asPrinted);
    assertEqual(await verdict(id, enough, "paper"), "reproduced", id);
    const { verdict: few, reason } = await judged(id, enough.slice(1), "paper");
    assertEqual(few, "inconclusive", id);
    assertTrue(reason.startsWith(`n = ${enough.length - 1}, want ${enough.length}; the mean agrees`), reason);
  }
});

Deno.test("judge() compares one row with each of its rivals, and writes out the closest", async () => {
  const top1 = { lr_1_0e4: 60, lr_1_2e4: 55, lr_1_4e4: 50, lr_2e4: 59, lr_2_2e4: 40, lr_2_4e4: 30, lr_2_6e4: 20 };
  const best = await judged("t13.1", seeds("top1", top1));
  assertEqual(best.verdict, "same here");
  assertTrue(/^base LR 1.0e-4 \+\d\.\d\d ± \d\.\d\d over base LR 2e-4$/.test(best.text), best.text);
  assertEqual(await verdict("t13.1", seeds("top1", { ...top1, lr_2_6e4: 61 })), "other here");
  const { lr_2_6e4: _, ...rest } = top1;
  const missing = await judged("t13.1", seeds("top1", rest));
  assertEqual([missing.verdict, missing.reason], ["not run at this scale", "no run of base LR 2.6e-4"]);
});

Deno.test("judge() reads a difference one-sided: better holds, worse than the band does not", async () => {
  // t05.1: FreezeOut's error after 100 epochs is at most 0.2 points above plain training's.
  const error = (freezeOut: number) => seeds("val_error", { fo_e100: freezeOut, nofo_e100: 22 });
  assertEqual(await verdict("t05.1", error(15)), "same here");
  assertEqual(await verdict("t05.1", error(22.05)), "same here");
  assertEqual(await verdict("t05.1", error(22.2)), "undecided here");
  assertEqual(await verdict("t05.1", error(22.4)), "other here");
});

Deno.test("judge() wants the published size of a gain at the published scale, elsewhere its direction", async () => {
  // t5.nonlinear_over_linear: 2.1 points, tolerance 0.2.
  const probing = (gain: number) => seeds("lp", { d2_nonlinear: 50 + gain, d2_linear: 50 });
  const reason = async (gain: number, profile: string) => {
    const { verdict, reason } = await judged("t5.nonlinear_over_linear", probing(gain), profile);
    return [verdict, reason.split("; for scale")[0]];
  };
  // Differences of the seeds' noise: -0.02, -0.02 and 0.03, so the half-width is 4.302653 x 0.02887 / sqrt(3), times 1.314.
  const by = "n = 3, by 95 % intervals; differences from 0.094 on show four times of five";
  assertEqual(await reason(0.5, "small"), ["same here", `${by}; at this scale the direction alone counts`]);
  assertEqual(await reason(-0.5, "small"), ["other here", by]);
  assertEqual(await reason(2.1, "paper"), ["reproduced", by]);
  assertEqual(await reason(3, "paper"), ["reproduced", `${by}; gains more than published`]);
  assertEqual(await reason(0.5, "paper"), ["not reproduced", by]);
});

Deno.test("judge() corrects for the number of contrasts where one of them refutes, and asks all of them to hold", async () => {
  // Six rivals: one lies 1 below by chance with an interval of 95 % just outside; corrected for six it is open.
  const rates = ["lr_1_0e4", "lr_1_2e4", "lr_1_4e4", "lr_2e4", "lr_2_2e4", "lr_2_4e4", "lr_2_6e4"];
  const runs = (rivals: number, by: number) =>
    [-0.2, 0, 0.2].map((noise) =>
      column(
        "top1",
        Object.fromEntries(rates.map((row, k) => [row, k === 0 ? 60 : k <= rivals ? 60 + by + noise : 50 + noise])),
      )
    );
  const best = claim("t13.1"), few = { ...best, rule: { ...best.rule, over: ["lr_1_2e4"] } } as Claim;
  const seeds = runs(1, 1).map((observation) => [observation]);
  // The half-widths are 0.497 and, for 0.05 / 6, 1.26.
  assertEqual((await judge(few, { ...NOTHING, seeds }, sources)).verdict, "other here");
  assertEqual(await verdict("t13.1", runs(1, 1)), "undecided here");
  assertEqual(await verdict("t13.1", runs(1, 1.4)), "other here");
});

Deno.test("judge() reads a drop one-sided and a level two-sided, at the published scale only", async () => {
  // t17.2: 83.1 and 0.1 below LocalMIM, tolerance 0.2 each.
  const runs = (srlr: number, localmim: number) =>
    [0, 0.01, 0.02, 0.01, 0].map((noise) =>
      column("top1", { vitfreeze_srlr: srlr + noise, localmim: localmim - noise / 2 })
    );
  assertEqual(await verdict("t17.2", runs(83.1, 83.2), "paper"), "reproduced");
  assertEqual(await verdict("t17.2", runs(83.2, 82.5), "paper"), "reproduced");
  assertEqual(await verdict("t17.2", runs(83.1, 83.6), "paper"), "not reproduced");
  assertEqual(await verdict("t17.2", runs(83.9, 84), "paper"), "not reproduced");
  const small = await judged("t17.2", runs(83.1, 83.2));
  assertEqual(small.verdict, "refused");
  // The cost model's 1.146 s for 8 images, 100 epochs of 1,281,167.
  assertTrue(small.reason.endsWith("is predicted to take 5,098 hours on two cores (deno task cost)"), small.reason);
});

Deno.test("judge() gives the scatter of full reruns beside accuracies at the published scale alone", async () => {
  const asPrinted = publishedObservation(tableOf(sources.works, "thesis.table17"));
  const wanted = "; for scale: 5 full reruns of MAE ViT-B scatter by 0.065 (sd) and lie 0.21 below their print";
  assertTrue((await judged("t17.5", [asPrinted], "paper")).reason.endsWith(wanted), "accuracy on ImageNet-1K");
  assertTrue(!(await judged("t17.5", [asPrinted])).reason.includes("reruns"), "another scale");
  assertTrue(!(await judged("t17.6", [asPrinted], "paper")).reason.includes("reruns"), "time");
  const in100 = publishedObservation(tableOf(sources.works, "thesis.table13"));
  assertTrue(!(await judged("t13.2", [in100], "paper")).reason.includes("reruns"), "another data set");
});

Deno.test("a lead that its print's decimals would round away is written out; noise of binary arithmetic is not", async () => {
  const hours = (simmim: number) => column("gpu_hours", { simmim, simmim_dm: 0.032, mae: 0.066, mae_dm: 0.06 });
  const small = await judged("t3.equal_ete_still_faster", [hours(0.0331), hours(0.0332), hours(0.0333)]);
  assertTrue(small.text.startsWith("SimMIM +DM +0.0012 ± 0.0002 over SimMIM [15]"), small.text);
  const exact = await judged("t3.equal_ete_still_faster", [hours(0.5), hours(0.5), hours(0.5)]);
  assertTrue(exact.text.startsWith("SimMIM +DM +0.47 ± 0.00 over SimMIM [15]"), exact.text);
});
