import fc from "fast-check";
import { cosineSchedule } from "../core/schedules/cosine.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { freezeTimes } from "../core/schedules/freezeTimes.ts";
import { initialLrFactors, stageReduction } from "../core/schedules/initialLr.ts";
import { freezeEpochs, layerPlan } from "../core/schedules/layerPlan.ts";
import { checkSchedule } from "../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks, stageOfLayer } from "../core/schedules/stages.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { compareFreezeTrace } from "../commands/golden/freezeTrace.ts";
import { lrCurvesSvg } from "../reports/figures/lrCurves.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";

const VIT_B: FreezeSchedule = {
  layers: 13,
  stageBlocks: [2, 4, 10, 12],
  t0: 0.8,
  power: 3,
  scaled: true,
  baseLr: 1.6e-3,
  minLr: 1e-6,
  epochs: 100,
  warmupEpochs: 10,
  iterationsPerEpoch: 10,
  form: "code",
  decoders: "block",
  clsToken: "global",
};
const PAPER: FreezeSchedule = { ...VIT_B, form: "paper", decoders: "global", clsToken: "layer0" };

/** Any schedule that checkSchedule accepts, up to 26 layers and 200 iterations. */
const schedules: fc.Arbitrary<FreezeSchedule> = fc.record({
  layers: fc.integer({ min: 1, max: 26 }),
  t0: fc.oneof(fc.double({ min: 0.5, max: 1, noNaN: true }), fc.constant(1)),
  power: fc.constantFrom(0.5, 1, 2, 3),
  scaled: fc.boolean(),
  srLr: fc.constantFrom(0, 0.8, 1.2),
  baseLr: fc.double({ min: 1e-4, max: 1, noNaN: true }),
  minLr: fc.constantFrom(0, 1e-6),
  epochs: fc.integer({ min: 1, max: 20 }),
  warmupShare: fc.double({ min: 0, max: 0.12, noNaN: true }),
  iterationsPerEpoch: fc.integer({ min: 1, max: 10 }),
  form: fc.constantFrom("code", "paper"),
  decoders: fc.constantFrom("block", "global"),
  clsToken: fc.constantFrom("layer0", "global"),
}).map(({ warmupShare, srLr, ...rest }) =>
  checkSchedule({
    ...rest,
    stageBlocks: defaultStageBlocks(rest.layers),
    warmupEpochs: warmupShare * rest.epochs,
    ...(rest.t0 === 1 ? {} : { srLr }),
  })
);

function states(schedule: FreezeSchedule) {
  return Array.from({ length: schedule.epochs * schedule.iterationsPerEpoch }, (_, i) => freezeState(schedule, i));
}

for (const name of ["freeze_cubic08", "freeze_linear05"]) {
  Deno.test(`freezeState() repeats the released optimiser's trace ${name}`, async () => {
    const path = new URL(`../../shared/golden/${name}.safetensors`, import.meta.url);
    const bytes = await Deno.readFile(path).catch(() => undefined);
    if (!bytes) return console.log(`skipped: no golden fixture ${name} beside the repository`);
    const { tensors } = readSafetensors(bytes);
    const tensor = (key: string) => Array.from(tensors.get(key)!.data as Float64Array);
    const result = compareFreezeTrace({
      cfg: tensor("cfg"),
      lr: tensor("lr"),
      min_active: tensor("min_active"),
      n_decoders: tensor("n_decoders"),
      cls_lr: tensor("cls_lr"),
    });
    // 1 + cos near its zero loses digits: at 2 iterations of 900 before the freeze, 1e-16 becomes about 1e-11
    assertTrue(result.lr < 1e-10, `layer LR: relative error ${result.lr}`);
    assertTrue(result.clsLr < 1e-12, `class token LR: relative error ${result.clsLr}`);
    assertEqual([result.minActiveMismatches, result.decoderMismatches], [0, 0]);
  });
}

Deno.test("compareFreezeTrace() counts what differs", () => {
  const cfg = [2, 0, 2, 0.5, 1, 0, 1, 1];
  const right = states({
    ...VIT_B,
    epochs: 2,
    warmupEpochs: 0,
    iterationsPerEpoch: 2,
    t0: 0.5,
    power: 1,
    baseLr: 1,
    minLr: 0,
  });
  const fixture = {
    cfg,
    lr: right.flatMap((state) => state.layerLr),
    min_active: right.map((state) => state.firstLiveLayer),
    n_decoders: right.map((state) => state.liveStages.filter(Boolean).length),
    cls_lr: right.map((state) => state.clsTokenLr),
  };
  assertEqual(compareFreezeTrace(fixture), { lr: 0, clsLr: 0, minActiveMismatches: 0, decoderMismatches: 0 });
  fixture.lr[12] *= 2;
  fixture.min_active[3] += 1;
  fixture.n_decoders[0] = 3;
  fixture.n_decoders[1] = 3;
  const wrong = compareFreezeTrace(fixture);
  assertEqual(wrong, { lr: 0.5, clsLr: 0, minActiveMismatches: 1, decoderMismatches: 2 });
  fixture.lr[12] = 0;
  assertEqual(compareFreezeTrace(fixture).lr, Infinity);
});

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

Deno.test("freezeState() keeps freezes in layer order and for good, and prunes a stage with its block", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      let firstLive = 0;
      for (const state of states(schedule)) {
        assertTrue(state.firstLiveLayer >= firstLive, "a frozen layer came back");
        firstLive = state.firstLiveLayer;
        assertEqual(state.liveLayers, state.liveLayers.map((_, layer) => layer >= firstLive));
        assertEqual(state.liveStages, schedule.stageBlocks.map((block) => block >= firstLive));
        assertTrue(state.layerLr.every((lr, layer) => layer < firstLive ? lr === 0 : lr >= 0), `${state.layerLr}`);
        assertTrue(state.stageLr.every((lr, k) => state.liveStages[k] || lr === 0), `${state.stageLr}`);
        assertEqual(state.clsTokenLive, schedule.clsToken === "global" || firstLive === 0);
      }
      assertTrue(firstLive < schedule.layers, "the last layer froze");
    }),
    { numRuns: 60 },
  );
});

Deno.test("freezeState() moves a layer's rate after warm-up by no more than the cosine's steepest step", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      const warmup = Math.ceil(schedule.warmupEpochs * schedule.iterationsPerEpoch);
      const perEpoch = schedule.iterationsPerEpoch, run = states(schedule);
      const ends = freezeEpochs(schedule).map((epoch) => (epoch ?? schedule.epochs) * perEpoch);
      initialLrFactors(schedule).forEach((factor, layer) => {
        const span = ends[layer] - schedule.warmupEpochs * perEpoch;
        const steepest = schedule.baseLr * factor * Math.PI / 2 / span;
        for (let i = warmup + 1; i < run.length; i++) {
          const step = Math.abs(run[i].layerLr[layer] - run[i - 1].layerLr[layer]);
          assertTrue(step <= steepest * (1 + 1e-9), `layer ${layer}, iteration ${i}: ${step} > ${steepest}`);
        }
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("freezeState() gives every scaled layer the same sum of rates, half the base", () => {
  const t0s = fc.double({ min: 0.5, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(t0s, fc.constantFrom(1, 3), fc.constantFrom("code", "paper"), (t0, power, form) => {
      const schedule = { ...VIT_B, t0, power, form, baseLr: 1, minLr: 0, warmupEpochs: 0 };
      const run = states(schedule);
      for (let layer = 0; layer < 13; layer++) {
        const sum = run.reduce((total, state) => total + state.layerLr[layer], -run[0].layerLr[layer] / 2);
        // trapezoid rule with 1000 steps: only the cut step at t_i errs; there the rate is below
        // (pi / (2 * 125))^2 / 0.125 = 1.3e-3, over at most one step of 1/1000
        assertAlmostEqual(sum / run.length, 0.5, 2e-6, `layer ${layer}`);
      }
    }),
    { numRuns: 20 },
  );
});

Deno.test("freezeState() warms up to the common base rate and jumps in form code", () => {
  const before = freezeState({ ...VIT_B, srLr: 0.8 }, 99), after = freezeState({ ...VIT_B, srLr: 0.8 }, 100);
  assertEqual(before.layerLr, new Array(13).fill(1.6e-3 * 99 / 100));
  assertEqual(freezeState(VIT_B, 0).layerLr, new Array(13).fill(0));
  assertEqual(freezeState(VIT_B, 0).liveLayers, new Array(13).fill(true));
  assertAlmostEqual(after.layerLr[0], 1.6e-3 * 0.6443, 1e-7, "layer 0 after the jump"); // 0.6443 has 4 digits
});

Deno.test("freezeState() in form paper joins warm-up and cosine at each layer's own rate", () => {
  const factors = initialLrFactors(PAPER), end = freezeState(PAPER, 100), before = freezeState(PAPER, 99);
  factors.forEach((factor, layer) => {
    assertEqual(end.layerLr[layer], PAPER.baseLr * factor);
    assertAlmostEqual(before.layerLr[layer], PAPER.baseLr * factor * 0.99, 1e-18, `layer ${layer}`); // rounding
  });
});

Deno.test("freezeState() in form paper freezes at t_i, in form code strictly after it", () => {
  const paper = [511, 512].map((iteration) => freezeState(PAPER, iteration)); // t_0 = 0.512 of 1000 iterations
  assertEqual(paper.map((state) => state.firstLiveLayer), [0, 1]);
  assertTrue(paper[0].layerLr[0] > 0 && paper[1].layerLr[0] === 0, `${paper[0].layerLr[0]} ${paper[1].layerLr[0]}`);
  const code: FreezeSchedule = { ...VIT_B, t0: 0.5, power: 1 }; // t_0 is 450 of the 900 iterations after warm-up
  assertEqual([549, 550, 551].map((iteration) => freezeState(code, iteration).firstLiveLayer), [0, 0, 1]);
  assertEqual(freezeState(code, 550).layerLr[0], 0);
});

Deno.test("freezeState() lets decoders and class token follow their layer or the global schedule", () => {
  const at = 650; // form code: layers 0-2 are frozen, stage 1 has ended
  const block = freezeState(VIT_B, at), global = freezeState({ ...VIT_B, decoders: "global" }, at);
  assertEqual(block.stageLr, [2, 4, 10, 12].map((layer) => block.layerLr[layer]));
  assertEqual(global.stageLr, [0, 1, 1, 1].map((live) => live * global.globalLr));
  assertEqual([block.liveStages, global.liveStages], [[false, true, true, true], [false, true, true, true]]);
  assertEqual([block.clsTokenLr, block.clsTokenLive], [block.globalLr, true]);
  const layer0: FreezeSchedule = { ...VIT_B, clsToken: "layer0" };
  assertEqual([freezeState(layer0, at).clsTokenLr, freezeState(layer0, at).clsTokenLive], [0, false]);
  assertEqual(freezeState(layer0, 300).clsTokenLr, freezeState(layer0, 300).layerLr[0]);
});

Deno.test("freezeState() without freezing gives every layer the global cosine down to minLr, in both forms", () => {
  for (const form of ["code", "paper"] as const) {
    for (const iteration of [0, 50, 100, 550, 999]) {
      const state = freezeState({ ...VIT_B, t0: 1, form, clsToken: "layer0" }, iteration);
      assertEqual(state.layerLr, new Array(13).fill(state.globalLr));
      assertEqual(state.stageLr, new Array(4).fill(state.globalLr));
      assertEqual([state.clsTokenLr, state.clsTokenLive, state.firstLiveLayer], [state.globalLr, true, 0]);
      assertEqual(state.liveStages, new Array(4).fill(true));
    }
  }
  assertAlmostEqual(freezeState({ ...VIT_B, t0: 1 }, 550).globalLr, (1.6e-3 + 1e-6) / 2, 1e-18, "half way"); // rounding
});

Deno.test("freezeState() refuses an iteration outside the run", async () => {
  for (const iteration of [-1, 1000, 0.5, NaN]) {
    await assertRejects(
      () => freezeState(VIT_B, iteration),
      `Cannot look up iteration ${iteration}: the run has 0 … 999`,
    );
  }
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
