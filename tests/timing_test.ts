import fc from "fast-check";
import { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import { UserError } from "../core/errors.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { Clock } from "../training/clock.ts";
import { CurrentStep } from "../training/currentStep.ts";
import type { Objective } from "../training/objective.ts";
import { sampledIteration } from "../training/timedRow.ts";
import { timedObjective, timeRound } from "../training/times.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { compiled } from "./engineTools.ts";
import { images, pretrainConfig, scheduleIn, TWO_STAGES, WatchedEngine } from "./trainingTools.ts";

Deno.test("sampledIteration() spreads measured steps over an epoch, as many before its middle as behind", () => {
  const lengths = fc.integer({ min: 1, max: 400 }).chain((perEpoch) =>
    fc.record({ perEpoch: fc.constant(perEpoch), steps: fc.integer({ min: 1, max: perEpoch }), epoch: fc.nat(20) })
  );
  fc.assert(fc.property(lengths, ({ perEpoch, steps, epoch }) => {
    const all = Array.from(
      { length: steps },
      (_, i) => sampledIteration({ iterationsPerEpoch: perEpoch }, epoch, i, steps),
    );
    const within = all.map((iteration) => iteration - epoch * perEpoch);
    assertTrue(within.every((at, i) => at >= 0 && at < perEpoch && (i === 0 || at > within[i - 1])), `${within}`);
    const middle = within.reduce((sum, at) => sum + at + 0.5, 0) / steps;
    // A step is half of one off its place at most.
    assertTrue(Math.abs(middle - perEpoch / 2) <= 0.5, `${middle} of ${perEpoch}`);
  }));
  assertEqual([0, 1, 2, 3].map((i) => sampledIteration({ iterationsPerEpoch: 4 }, 1, i, 4)), [4, 5, 6, 7]);
});

Deno.test("timeRound() runs every new step once before it is measured, and makes those of a whole training's middles", async () => {
  const config = pretrainConfig({ epochs: 4 }, { t0: 0.3 }, TWO_STAGES), schedule = scheduleIn(config), STEPS = 3;
  const objective = timedObjective(config, images.train), { iterationsPerEpoch } = objective;
  const rows = new Map<string, Objective<unknown>>([["freezing", objective]]), { signal } = new AbortController();
  const live = (epoch: number, i: number) =>
    freezeState(schedule, sampledIteration({ iterationsPerEpoch }, epoch, i, STEPS)).liveLayers.filter(Boolean).length;
  const compiles: boolean[] = [], changes: boolean[] = [];
  for (let epoch = 0; epoch < config.epochs; epoch++) {
    const engine = new WatchedEngine();
    const { rows: { freezing } } = await timeRound(rows, { repeat: 0, epoch, steps: STEPS }, engine, signal);
    const states = Array.from({ length: STEPS }, (_, i) => live(epoch, i)), distinct = [...new Set(states)];
    assertEqual(
      engine.runs,
      distinct.map((state) => 1 + states.filter((own) => own === state).length),
    );
    compiles.push(freezing.seconds.compile > 0);
    const before = epoch === 0 ? -1 : live(epoch - 1, STEPS - 1);
    changes.push(distinct.length > 1 || distinct[0] !== before);
  }
  assertEqual(compiles, changes);
  // Else nothing was seen: layers froze within an epoch, and one epoch made nothing new.
  assertEqual(new Set(changes), new Set([true, false]));
});

Deno.test("Clock tells how the times of steps spread: the outer tenths and the middle", () => {
  const clock = new Clock(["step"], { seconds: { step: 100 }, wall: 0 });
  for (const seconds of [11, 3, 7, 1, 9, 5, 2, 10, 4, 8, 6]) {
    clock.seconds.step += seconds;
    clock.endStep();
  }
  assertEqual(clock.circumstances().stepSpread, { p10: 2, p50: 6, p90: 10 });
  assertEqual(new Clock(["step"]).circumstances().stepSpread, undefined);
});

Deno.test("CurrentStep gives a step back once, also where the next one cannot be made", async () => {
  const disposed: number[] = [], clock = new Clock([]);
  let made = 0;
  const engine = {
    info: compiled.info,
    train: () => {
      const own = made++;
      if (own === 1) return Promise.reject(new UserError("Cannot make it"));
      return Promise.resolve({ dispose: () => void disposed.push(own) });
    },
  } as unknown as Engine;
  const objective = { stretch: () => ({ program: null, gradients: [], losses: [] }) } as unknown as Objective<unknown>;
  const current = new CurrentStep(objective, engine, new Arena([]), { signal: new AbortController().signal });
  await current.reach(0, 1, clock);
  await assertRejects(() => current.reach(1, 1, clock), "Cannot make it");
  current.dispose();
  current.dispose();
  assertEqual(disposed, [0]);
});
