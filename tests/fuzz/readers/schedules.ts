import fc from "fast-check";
import { describeFreezing, describeRun } from "../../../core/schedules/describe.ts";
import { freezeState } from "../../../core/schedules/freezeState.ts";
import { layerPlan } from "../../../core/schedules/layerPlan.ts";
import { checkSchedule } from "../../../core/schedules/schedule.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { editJson, jsonEdit } from "../jsonEdits.ts";
import { fuzzReader } from "../reader.ts";

const sample = {
  layers: 13,
  stageBlocks: [2, 4, 10, 12],
  t0: 0.8,
  power: 3,
  scaled: true,
  srLr: 0.8,
  lrLr: 0.5,
  baseLr: 1e-3,
  minLr: 1e-6,
  epochs: 100,
  warmupEpochs: 10,
  iterationsPerEpoch: 7,
  form: "code",
  decoders: "block",
  clsToken: "layer0",
};

/** Values that are mostly right for a schedule, so that many of them are run. */
const settings = fc.record({
  layers: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1e9, 2 ** 53)),
  t0: fc.oneof(fc.double({ min: 0, max: 1 }), fc.constantFrom(5e-324, 1, 1e-300)),
  power: fc.oneof(fc.double({ min: 0, max: 10 }), fc.constantFrom(1, 3, 1e300)),
  baseLr: fc.oneof(fc.double({ min: 0, max: 1 }), fc.constantFrom(1e308, 5e-324)),
  minLr: fc.constantFrom(0, 1e-6, 1e308),
  epochs: fc.oneof(fc.integer({ min: 1, max: 500 }), fc.constantFrom(2 ** 53, 1e308)),
  warmupEpochs: fc.oneof(fc.double({ min: 0, max: 50 }), fc.constantFrom(0, 5e-324)),
  iterationsPerEpoch: fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(2 ** 53, 1e308)),
  form: fc.constantFrom("code", "paper"),
  decoders: fc.constantFrom("block", "global"),
  clsToken: fc.constantFrom("layer0", "global"),
  scaled: fc.boolean(),
  srLr: fc.oneof(fc.double({ min: 0, max: 3 }), fc.constantFrom(undefined, 1e300)),
  lrLr: fc.oneof(fc.double({ min: 0, max: 3 }), fc.constantFrom(undefined, 1e300)),
}, { requiredKeys: [] }).map((changed) => {
  const schedule: Record<string, unknown> = { ...sample, ...changed };
  if (changed.layers) schedule.stageBlocks = [changed.layers - 1];
  for (const key of ["srLr", "lrLr"]) if (schedule[key] === undefined) delete schedule[key];
  return schedule;
});

/** Schedules as JSON holds them. What is accepted must run: every rate finite, the last layer live to the end. */
export const schedules = fuzzReader("schedules", 3, () => ({
  inputs: fc.oneof(settings, fc.array(jsonEdit, { maxLength: 3 }).map((edits) => editJson(sample, edits))),
  read(input) {
    const schedule = checkSchedule(input);
    const iterations = schedule.epochs * schedule.iterationsPerEpoch;
    for (const iteration of [0, Math.floor(iterations / 2), iterations - 1]) {
      const { layerLr, stageLr, liveLayers, globalLr, clsTokenLr } = freezeState(schedule, iteration);
      assertEqual([layerLr.length, liveLayers.at(-1)], [schedule.layers, true]);
      const wrong = [...layerLr, ...stageLr, globalLr, clsTokenLr].find((lr) => !(lr >= 0 && Number.isFinite(lr)));
      assertTrue(wrong === undefined, `a learning rate of ${wrong} in iteration ${iteration}`);
    }
    layerPlan(schedule);
    assertTrue(!/NaN|undefined/.test(describeFreezing(schedule) + describeRun(schedule)), "a schedule without words");
  },
}));
