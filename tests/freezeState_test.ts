import fc from "fast-check";
import { freezeState } from "../core/schedules/freezeState.ts";
import { initialLrFactors } from "../core/schedules/initialLr.ts";
import { freezeEpochs } from "../core/schedules/layerPlan.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { compareFreezeTrace } from "../commands/golden/freezeTrace.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { PAPER, schedules, states, VIT_B } from "./scheduleTools.ts";

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
