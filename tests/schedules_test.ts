import fc from "fast-check";
import { cosineSchedule } from "../core/schedules/cosine.ts";
import { freezeTimes } from "../core/schedules/freezeTimes.ts";
import { initialLrFactors, stageReduction } from "../core/schedules/initialLr.ts";
import { layerPlan } from "../core/schedules/layerPlan.ts";
import { checkSchedule } from "../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks, stageOfLayer } from "../core/schedules/stages.ts";
import { lrCurvesSvg } from "../reports/figures/lrCurves.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { PAPER, VIT_B } from "./scheduleTools.ts";

Deno.test("freezeTimes() gives ((48 + i) / 60)^3 for 13 layers at t0 0.8, cubic", () => {
  freezeTimes(VIT_B).forEach((t, i) => assertAlmostEqual(t, ((48 + i) / 60) ** 3, 1e-15, `t_${i}`));
  freezeTimes({ ...VIT_B, power: 1 }).forEach((t, i) => assertAlmostEqual(t, (48 + i) / 60, 1e-15, `t_${i}`));
});

Deno.test("freezeTimes() ascends from t0^power to exactly 1, and is [1] for one layer", () => {
  assertEqual(freezeTimes({ layers: 1, t0: 0.3, power: 3 }), [1]);
  const t0s = fc.double({ min: 1e-3, max: 1, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 2, max: 200 }), t0s, fc.constantFrom(0.5, 1, 3), (layers, t0, power) => {
    const times = freezeTimes({ layers, t0, power });
    assertEqual([times[0], times.at(-1)], [t0 ** power, 1]);
    assertTrue(times.every((t, i) => i === 0 || t >= times[i - 1]), `not ascending: ${times}`);
  }));
});

Deno.test("layerPlan() gives the initial rates of the cubic and linear schedules and their SR-LR", () => {
  const rounded = (change: Partial<FreezeSchedule>) =>
    layerPlan({ ...VIT_B, ...change }).layers.map((row) => row.factor.toFixed(4)).join(" ");
  assertEqual(
    rounded({}),
    "1.9531 1.8360 1.7280 1.6283 1.5362 1.4509 1.3717 1.2983 1.2300 1.1664 1.1071 1.0517 1.0000",
  );
  assertEqual(
    rounded({ power: 1 }),
    "1.2500 1.2245 1.2000 1.1765 1.1538 1.1321 1.1111 1.0909 1.0714 1.0526 1.0345 1.0169 1.0000",
  );
  assertEqual(
    rounded({ srLr: 0.8 }),
    "0.6443 0.6056 0.5700 0.6762 0.6379 0.8333 0.7879 0.7457 0.7064 0.6699 0.6358 1.0517 1.0000",
  );
  assertEqual(rounded({ scaled: false }), new Array(13).fill("1.0000").join(" "));
});

Deno.test("layerPlan() gives the freezing epochs of both forms and both shapes", () => {
  const rounded = (change: Partial<FreezeSchedule>) =>
    layerPlan({ ...VIT_B, ...change }).layers.map((row) => row.freezeEpoch?.toFixed(2) ?? "never").join(" ");
  assertEqual(rounded({}), "56.08 59.02 62.08 65.27 68.59 72.03 75.61 79.32 83.17 87.16 91.30 95.57 never");
  assertEqual(
    rounded({ form: "paper" }),
    "51.20 54.47 57.87 61.41 65.10 68.92 72.90 77.03 81.30 85.74 90.33 95.08 never",
  );
  assertEqual(rounded({ power: 1 }), "82.00 83.50 85.00 86.50 88.00 89.50 91.00 92.50 94.00 95.50 97.00 98.50 never");
  assertEqual(
    rounded({ power: 1, form: "paper" }),
    "80.00 81.67 83.33 85.00 86.67 88.33 90.00 91.67 93.33 95.00 96.67 98.33 never",
  );
});

Deno.test("layerPlan() ends stages at epochs 62.1, 68.6, 91.3 (code) and 57.9, 65.1, 90.3 (paper)", () => {
  const ends = (schedule: FreezeSchedule) => layerPlan(schedule).stages.map((s) => s.endEpoch?.toFixed(1) ?? "never");
  assertEqual(ends(VIT_B), ["62.1", "68.6", "91.3", "never"]);
  assertEqual(ends(PAPER), ["57.9", "65.1", "90.3", "never"]);
  const { layers } = layerPlan(VIT_B);
  assertEqual(layers.map((row) => row.stage), [1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 3, 4, 4]);
  assertEqual([layers[0].name, layers[12].name], ["patch embedding", "block 12"]);
});

Deno.test("stageReduction() gives the factors of Table 14's powers", () => {
  const table: [number, string][] = [
    [0, "1.0000 1.0000 1.0000 1.0000"],
    [0.2, "0.7579 0.8027 0.8706 1.0000"],
    [0.8, "0.3299 0.4152 0.5743 1.0000"],
    [1, "0.2500 0.3333 0.5000 1.0000"],
    [1.2, "0.1895 0.2676 0.4353 1.0000"],
  ];
  for (const [power, wanted] of table) {
    assertEqual([1, 2, 3, 4].map((stage) => stageReduction(stage, 4, power).toFixed(4)).join(" "), wanted);
  }
});

Deno.test("initialLrFactors() applies LR-LR as base / t^p, alone and with SR-LR", () => {
  const first = (change: Partial<FreezeSchedule>) => initialLrFactors({ ...VIT_B, ...change })[0];
  const powers = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 1];
  assertEqual(
    powers.map((lrLr) => first({ lrLr }).toFixed(4)).join(" "),
    "1.1433 1.2224 1.3070 1.3975 1.4943 1.5978 1.9531",
  );
  assertEqual(first({ lrLr: 0 }), 1);
  assertAlmostEqual(first({ lrLr: 0.4, srLr: 0.8 }), 1.3070 * 0.3299, 1e-4, "both"); // the factors have 4 digits
});

Deno.test("stageOfLayer() and defaultStageBlocks() fit any depth", () => {
  assertEqual([13, 25, 8, 7, 6, 4, 2, 1].map(defaultStageBlocks), [
    [2, 4, 10, 12],
    [2, 4, 22, 24],
    [2, 4, 5, 7],
    [2, 4, 6],
    [2, 4, 5],
    [2, 3],
    [1],
    [0],
  ]);
  assertEqual([0, 1, 2, 3, 5].map((layer) => stageOfLayer([1, 2, 5], layer)), [1, 1, 2, 3, 3]);
});

Deno.test("cosineSchedule() starts at 0, peaks at the end of warm-up and ends near minLr", () => {
  const run = { baseLr: 4e-3, minLr: 1e-6, warmupIterations: 20, iterations: 100 };
  assertEqual([0, 10, 20].map((iteration) => cosineSchedule(run, iteration)), [0, 2e-3, 4e-3]);
  // 1e-6 + (4e-3 - 1e-6) (1 + cos(pi 79 / 80)) / 2, by hand: (pi / 80)^2 / 4 = 3.8553e-4 of 3.999e-3, less O(1e-10)
  assertAlmostEqual(cosineSchedule(run, 99), 1e-6 + 3.999e-3 * 3.8553e-4, 1e-9, "last");
  assertEqual(cosineSchedule({ ...run, warmupIterations: 0 }, 0), 4e-3);
});

Deno.test("checkSchedule() accepts JSON of a schedule unchanged and names what does not fit", async () => {
  const full = { ...VIT_B, srLr: 0.8, lrLr: 0.4 };
  assertEqual(checkSchedule(JSON.parse(JSON.stringify(full))), full);
  const wrong: [Partial<Record<keyof FreezeSchedule | "t1", unknown>>, string][] = [
    [{ t0: 0 }, "Cannot use t0 0 in a schedule: want a number above 0 and at most 1"],
    [{ t0: 1.5 }, "Cannot use t0 1.5 in a schedule: want a number above 0 and at most 1"],
    [{ t0: "0.8" }, 'Cannot use t0 "0.8" in a schedule: want a number above 0 and at most 1'],
    [{ power: -3 }, "Cannot use power -3 in a schedule: want a number above 0"],
    [{ srLr: -0.8 }, "Cannot use srLr -0.8 in a schedule: want a number of at least 0"],
    [{ layers: 12.5 }, "Cannot use layers 12.5 in a schedule: want a whole number from 1 to 10000"],
    [{ warmupEpochs: 100 }, "Cannot use warmupEpochs 100 in a schedule: want fewer than the run's 100 epochs"],
    [{ minLr: 1 }, "Cannot use minLr 1 in a schedule: want at most the base LR, 0.0016"],
    [{ stageBlocks: [4, 2, 12] }, "Cannot use stageBlocks [4,2,12] in a schedule: want ascending layer indices"],
    [{ stageBlocks: [2, 4] }, "want ascending layer indices that end with the last layer, 12"],
    [{ stageBlocks: [] }, "want ascending layer indices that end with the last layer, 12"],
    [{ lrLr: 0.5, scaled: false }, "Cannot use lrLr 0.5 in a schedule: want no such power on an unscaled schedule"],
    [{ t0: 1, srLr: 0.8 }, "Cannot use srLr 0.8 in a schedule: want no such power with t0 = 1"],
    [{ t0: 0.4, form: "paper" }, "here layer 0 freezes at epoch 6.40 of 100"],
    [{ t0: 1e-200 }, "want one that keeps t0 ^ power above 0"],
    [{ form: "thesis" }, 'Cannot use form "thesis" in a schedule: want code or paper'],
    [{ t1: 1 }, "Cannot use a schedule with 't1': want layers, stageBlocks, t0, power,"],
  ];
  for (const [change, message] of wrong) await assertRejects(() => checkSchedule({ ...VIT_B, ...change }), message);
  await assertRejects(() => checkSchedule(null), "Cannot use null as a schedule: want an object");
});

Deno.test("lrCurvesSvg() draws one curve and one number per layer, the same every time", () => {
  const svg = lrCurvesSvg(PAPER);
  assertEqual(lrCurvesSvg({ ...PAPER }), svg);
  assertTrue(svg.startsWith("<svg ") && svg.includes('xmlns="http://www.w3.org/2000/svg"'), "not a standalone SVG");
  assertTrue(svg.includes("<title>Learning rate of each layer: t0 = 0.8, cubic, scaled</title>"), "no title");
  const curves = (text: string) => text.match(/aria-label="line">(.*?)<\/g>/s)![1].match(/<path /g)!.length;
  assertEqual([curves(svg), curves(lrCurvesSvg({ ...VIT_B, t0: 1 }))], [13, 1]);
  const labels = [...svg.matchAll(/<g [^>]*font-size="12"[^>]*>(.*?)<\/g>/gs)].map((match) => match[1]).join("");
  const numbers = [...labels.matchAll(/>(\d+)<\/text>/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
  assertEqual(numbers, Array.from({ length: 13 }, (_, layer) => layer));
});
