import { loggedTimes, measuredTimes, modelledTimes, RELEASED } from "../reports/figures/frozenTimes.ts";
import { publishedSchedule } from "../reports/figures/publishedSchedule.ts";
import { lossStack } from "../reports/figures/stageLosses.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { madeUpPretraining } from "./madeUpRecords.ts";
import { figure, input, records } from "./figuresTools.ts";

Deno.test("modelledTimes() and loggedTimes() give the epoch times by frozen layers", () => {
  const { model } = input;
  const times = (["live", "cut"] as const).map((backward) => modelledTimes(model, RELEASED, backward));
  assertEqual(times[0].map(({ frozen }) => frozen), Array.from({ length: 13 }, (_, k) => k));
  const run = input.authors.find(({ run }) => run.endsWith("bench_1/full_pretrain_out_freezeout_cubic_t0_8_1gpu"))!;
  const schedule = publishedSchedule(input.figures.get("thesis.figure03")!, 100, "code");
  const shares = loggedTimes(run, schedule);
  // As read off the log by hand, to three decimals.
  const wanted = [1, .988, .978, .822, .812, .692, .682, .672, .662, .653, .643, .527, .517];
  assertEqual(shares.map(({ frozen }) => frozen), wanted.map((_, frozen) => frozen));
  shares.forEach(({ share }, k) => assertAlmostEqual(share, wanted[k], 0.0011, `${k} frozen`));
  // The model's two constants were fitted to this log; single states are off by up to 1.04 points.
  times[0].forEach(({ share }, k) => assertAlmostEqual(share, wanted[k], 0.011, `${k} frozen, modelled`));
  times[1].slice(2).forEach(({ share }, k) => assertTrue(share < times[0][k + 2].share, `${k + 2} frozen, cut`));
  assertTrue(figure("epoch-time").title.includes(": 81 % of what the author's log saves"), figure("epoch-time").title);
});

Deno.test("measuredTimes() counts a layer that freezes within an epoch by its part of the epoch", () => {
  // Five epochs of 10 steps, 10 s each; a layer freezes at step 12, so for 8 of the second epoch's 10 steps.
  const run = madeUpPretraining(),
    freezing = (iteration: number) => ({
      ...run,
      events: [{ kind: "freeze" as const, at: 0, iteration }],
    });
  const [first, second, third] = measuredTimes(freezing(12));
  assertEqual([first, second, third], [{ frozen: 0, share: 1 }, { frozen: 0.8, share: 1 }, { frozen: 1, share: 1 }]);
  const frozenFromStart = freezing(0);
  assertEqual(measuredTimes(frozenFromStart), []);
});

Deno.test("lossStack() adds up to the logged loss and gives the rest of a drop's epoch to the dropped stage", () => {
  for (const { record } of records.filter(({ record }) => record.phase.kind === "pretrain")) {
    const pieces = lossStack(record);
    for (const { epoch, losses } of record.epochs) {
      const top = Math.max(...pieces.filter((piece) => piece.epoch === epoch).map(({ high }) => high));
      // Eighths add up without rounding.
      assertEqual(top, losses.loss!, `epoch ${epoch}`);
    }
  }
  const run = madeUpPretraining(), [first, second] = run.epochs;
  const epochs = [
    { ...first, losses: { loss: 0.75, loss0: 0.25, loss1: 0.5 } },
    // Dropped half-way: 0.125 of the loss is the first stage's, up to the drop.
    { ...second, losses: { loss: 0.625, loss0: null, loss1: 0.5 } },
  ];
  assertEqual(lossStack({ ...run, epochs }), [
    { stage: 1, epoch: 0, low: 0, high: 0.5 },
    { stage: 0, epoch: 0, low: 0.5, high: 0.75 },
    { stage: 1, epoch: 1, low: 0, high: 0.5 },
    { stage: 0, epoch: 1, low: 0.5, high: 0.625 },
  ]);
});
