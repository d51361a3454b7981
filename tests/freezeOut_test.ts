import fc from "fast-check";
import { assertAlmostEqual, assertEqual, assertRejects } from "./assert.ts";
import {
  checkFreezeOut,
  freezeOutIterations,
  type FreezeOutSchedule,
  freezeOutState,
  freezeOutTimes,
} from "../core/schedules/freezeOut.ts";

/** WRN-40 on 45,000 images of CIFAR in batches of 50. */
const WRN_40: FreezeOutSchedule = {
  layers: 20,
  t0: 0.8,
  power: 3,
  scaled: true,
  baseLr: 0.1,
  epochs: 100,
  iterationsPerEpoch: 900,
  lengthPerEpoch: 900,
};
const RELEASED = { ...WRN_40, lengthPerEpoch: 1000 };

// Printed to two, four and four digits.
const layers: [layer: number, t: number, rate: number, epoch: number, released: number | undefined][] = [
  [0, 0.5120, 0.1953, 51.20, 56.89],
  [1, 0.5325, 0.1878, 53.25, 59.16],
  [7, 0.6669, 0.1499, 66.69, 74.10],
  [13, 0.8222, 0.1216, 82.22, 91.36],
  [15, 0.8789, 0.1138, 87.89, 97.66],
  [16, 0.9082, 0.1101, 90.82, undefined],
  [18, 0.9688, 0.1032, 96.88, undefined],
];
for (const [layer, t, rate, epoch, released] of layers) {
  Deno.test(`layer ${layer} of WRN-40 starts at ${rate} and freezes in epoch ${epoch}, in the released code ${released}`, () => {
    assertAlmostEqual(freezeOutTimes(WRN_40)[layer], t, 5e-5);
    assertAlmostEqual(freezeOutState(WRN_40, 0).layerLr[layer], rate, 5e-5);
    // It freezes at the next whole iteration, 1/900 of an epoch.
    const at = (schedule: FreezeOutSchedule) => freezeOutIterations(schedule)[layer];
    assertAlmostEqual(at(WRN_40)! / 900, epoch, 5e-3 + 1 / 900);
    if (released === undefined) assertEqual(at(RELEASED), null);
    else assertAlmostEqual(at(RELEASED)! / 900, released, 5e-3 + 1 / 900);
  });
}

Deno.test("at its full length a layer is live with rate 0, and frozen one iteration later", () => {
  const schedule = { ...WRN_40, layers: 3, t0: 0.5, power: 1, epochs: 4, iterationsPerEpoch: 10, lengthPerEpoch: 10 };
  assertEqual(freezeOutState(schedule, 20), {
    layerLr: [0, 0.05 / 0.75 * (1 + Math.cos(Math.PI * 20 / 30)), 0.05 * (1 + Math.cos(Math.PI * 20 / 40))],
    liveLayers: [true, true, true],
    firstLive: 0,
  });
  assertEqual(freezeOutState(schedule, 21).firstLive, 1);
  assertEqual(freezeOutIterations(schedule), [21, 31, null]);
});

Deno.test("a counter that stands still keeps first rates, and freezes nothing", () => {
  const still = { ...WRN_40, counts: false };
  assertEqual(freezeOutState(still, 89_999), freezeOutState(still, 0));
  assertEqual(freezeOutIterations(still), new Array(20).fill(null));
});

Deno.test("without freezing all layers follow one cosine, and scaling has no effect", () => {
  const state = freezeOutState({ ...WRN_40, t0: 1 }, 45_000);
  assertEqual(state, freezeOutState({ ...WRN_40, t0: 1, scaled: false }, 45_000));
  assertEqual([state.firstLive, new Set(state.layerLr).size], [0, 1]);
  assertAlmostEqual(state.layerLr[0], 0.05, 1e-15);
});

const schedules = fc.record({
  layers: fc.integer({ min: 2, max: 45 }),
  t0: fc.double({ min: 0.4, max: 1, noNaN: true }),
  power: fc.constantFrom(1, 2, 3),
  scaled: fc.boolean(),
  baseLr: fc.constantFrom(0.1, 0.001),
  epochs: fc.integer({ min: 1, max: 4 }),
  iterationsPerEpoch: fc.integer({ min: 20, max: 30 }),
  lengthPerEpoch: fc.double({ min: 30, max: 34, noNaN: true }),
});

Deno.test("layers freeze from the stem on, at the iterations that freezeOutIterations() says", () => {
  fc.assert(
    fc.property(schedules, (schedule) => {
      checkFreezeOut(schedule);
      const first = freezeOutIterations(schedule);
      for (let j = 0; j < schedule.epochs * schedule.iterationsPerEpoch; j++) {
        const { layerLr, liveLayers, firstLive } = freezeOutState(schedule, j);
        assertEqual(liveLayers, liveLayers.map((_, layer) => layer >= firstLive));
        assertEqual(liveLayers, first.map((iteration) => iteration === null || j < iteration));
        assertEqual(layerLr.every((lr, layer) => liveLayers[layer] ? lr >= 0 : lr === 0), true);
      }
    }),
    { numRuns: 30 },
  );
});

const faults: [change: Partial<FreezeOutSchedule>, message: string][] = [
  [
    { t0: 0 },
    "t0 0 in a schedule of FreezeOut: want a number above 0 and at most 1: layer 0 would freeze at iteration 0",
  ],
  [{ t0: 1.5 }, "t0 1.5 in a schedule of FreezeOut: want a number above 0 and at most 1"],
  [
    { t0: 0.01 },
    "t0 0.01 in a schedule of FreezeOut: want a later first freeze: layer 0 would freeze 0.0900 iterations",
  ],
  [{ layers: 1 }, "layers 1 in a schedule of FreezeOut: want a whole number of at least 2"],
  [{ power: 0 }, "power 0 in a schedule of FreezeOut: want a number above 0"],
  [{ baseLr: -1 }, "baseLr -1 in a schedule of FreezeOut: want a number above 0"],
  [{ epochs: 0.5 }, "epochs 0.5 in a schedule of FreezeOut: want a whole number of at least 1"],
  [
    { lengthPerEpoch: 800 },
    "lengthPerEpoch 800 in a schedule of FreezeOut: want at least the 900 iterations of an epoch",
  ],
  [{ lengthPerEpoch: NaN }, "lengthPerEpoch NaN in a schedule of FreezeOut: want a number above 0"],
];
for (const [change, message] of faults) {
  Deno.test(`checkFreezeOut() says: ${message}`, async () => {
    checkFreezeOut(WRN_40);
    await assertRejects(() => checkFreezeOut({ ...WRN_40, ...change }), message);
  });
}

Deno.test("freezeOutState() refuses iterations beyond the run", async () => {
  await assertRejects(() => freezeOutState(WRN_40, 90_000), "the run has 90000");
});
