import fc from "fast-check";
import { freezeState } from "../core/schedules/freezeState.ts";
import { checkSchedule } from "../core/schedules/schedule.ts";
import type { FreezeSchedule } from "../core/schedules/freezeSchedule.ts";
import { defaultStageBlocks } from "../core/schedules/stages.ts";

export const VIT_B: FreezeSchedule = {
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
export const PAPER: FreezeSchedule = { ...VIT_B, form: "paper", decoders: "global", clsToken: "layer0" };

/** Any schedule that checkSchedule accepts, up to 26 layers and 200 iterations. */
export const schedules: fc.Arbitrary<FreezeSchedule> = fc.record({
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

export function states(schedule: FreezeSchedule) {
  return Array.from({ length: schedule.epochs * schedule.iterationsPerEpoch }, (_, i) => freezeState(schedule, i));
}
