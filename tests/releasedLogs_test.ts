import { compareLr } from "../reports/logs/compareLr.ts";
import { epochTimeByFrozenLayers } from "../reports/logs/epochTimes.ts";
import { examine } from "../reports/logs/examine.ts";
import type { FormVerdict } from "../reports/logs/judgeForms.ts";
import type { LogRun, ParsedLog } from "../reports/logs/model.ts";
import { readLog } from "../reports/logs/readLog.ts";
import { recipeSchedule } from "../reports/logs/recipe.ts";
import { createSeries } from "../reports/logs/series.ts";
import { type AuthorsRun, loadAuthorsRuns } from "../reports/sources/authors.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { formsOf, recipeOf } from "./logTools.ts";

const released = await loadAuthorsRuns();
const reference = "../shared/authors-logs";

/** A raw log of the release; null where it is not at hand. */
async function rawLog(name: string): Promise<ParsedLog | null> {
  const path = `${reference}/raw_${name}.cli_logs.txt.gz`;
  const found = await Deno.stat(path).catch(() => null);
  if (!found) console.log(`skipped: no ${path}`);
  return found && await readLog(path);
}

/** A released run as a log that has whole epochs only. */
function wholeEpochs({ args, lr, loss, seconds, wallSeconds }: AuthorsRun): LogRun {
  const none = { lossLast: null, dataSeconds: null, top1: null, top5: null, testLoss: null };
  const epochs = lr.map((lr, epoch) => ({
    epoch,
    lr,
    lossMean: loss[epoch],
    wallSeconds: wallSeconds[epoch],
    stepSeconds: seconds.at(epoch) ?? null,
    ...none,
  }));
  const series = createSeries().upTo();
  return { args, epochs, series, iterations: null, trainingSeconds: null, complete: true, nonFinite: [] };
}

Deno.test("readLog() reads the raw released logs as their reduced forms have them", async () => {
  const names = {
    localmim_1gpu: "ViT_orig__full_pretrain_out_1gpu",
    localmim_finetune: "ViT_orig__full_finetune_out",
    vitfreeze_cubic_t0_8_1gpu: "ViT__pretrain__bench_1__full_pretrain_out_freezeout_cubic_t0_8_1gpu",
  };
  for (const [raw, reduced] of Object.entries(names)) {
    const log = await rawLog(raw);
    if (!log) return;
    const wanted = JSON.parse(await Deno.readTextFile(`${reference}/${reduced}.json`));
    assertEqual([log.run.complete, log.run.trainingSeconds], [true, wanted.training_s]);
    for (const name of ["epochs", "blr", "accum_iter", "seed", "model", "t_0", "mixup", "clip_grad", "auto_resume"]) {
      assertEqual(log.run.args?.[name], wanted.args[name], name);
    }
    const column = (name: string) => wanted.epochs.map((epoch: Record<string, number>) => epoch[name] ?? null);
    const epochs = (name: keyof LogRun["epochs"][number]) => log.run.epochs.map((epoch) => epoch[name]);
    assertEqual([epochs("epoch"), epochs("lr")], [column("epoch"), column("lr")]);
    assertEqual([epochs("lossMean"), epochs("lossLast")], [column("loss_mean"), column("loss_last")]);
    assertEqual([epochs("wallSeconds"), epochs("stepSeconds")], [column("total_s"), column("true_s")]);
    assertEqual([epochs("top1"), epochs("top5"), epochs("testLoss")], ["acc1", "acc5", "test_loss"].map(column));
  }
});

Deno.test("readLog() sees the failed first start of the released fine-tuning", async () => {
  const log = await rawLog("localmim_finetune");
  if (!log) return;
  assertEqual(log.starts, [
    { line: 14, epochs: null, reached: null, end: "traceback", counted: false },
    { line: 146, epochs: { first: 0, last: 99 }, reached: null, end: "finished", counted: true },
  ]);
  assertEqual(log.warnings, ["the program was started 2 times; what counts begins in line 146"]);
  assertEqual([log.lines, log.run.iterations, log.run.series.to.length], [6921, 2502, 100 * 52]);
});

Deno.test("readLog() estimates the wait for data as what the whole epoch takes beyond its steps", async () => {
  const log = await rawLog("localmim_1gpu");
  if (!log) return;
  for (const { wallSeconds, stepSeconds, dataSeconds } of log.run.epochs) {
    // both times are cut to whole seconds, and a second an epoch goes elsewhere
    assertAlmostEqual(dataSeconds!, wallSeconds! - stepSeconds!, 3.1);
  }
});

Deno.test("the logged learning rates are those of the schedule to the last printed digit", async () => {
  for (const name of ["localmim_1gpu", "localmim_finetune", "vitfreeze_cubic_t0_8_1gpu"]) {
    const log = await rawLog(name);
    if (!log) return;
    const { largest, matches, predicted } = compareLr(log.run, recipeOf(log.run.args));
    assertTrue(matches && largest!.deviation <= 5.01e-7, `${name}: ${largest?.deviation}`); // six decimals, rounded
    assertEqual(predicted.length, 100);
    const late = compareLr(log.run, { ...recipeOf(log.run.args), warmupEpochs: 11 });
    assertTrue(!late.matches && late.largest!.deviation > 1e-4, "another warm-up is noticed");
  }
});

Deno.test("the released ViTFreeze log fits form code and rejects form paper", async () => {
  const log = await rawLog("vitfreeze_cubic_t0_8_1gpu");
  if (!log) return;
  const { drops } = examine(log.run), [code, paper] = formsOf(log.run);
  const places = [62.083, 68.583, 91.293];
  assertEqual(drops.loss.map(({ epoch }) => Number(epoch.toFixed(3))), places);
  assertEqual(drops.time.length, 3);
  drops.time.forEach(({ epoch }, k) => assertAlmostEqual(epoch, places[k], 0.005)); // lines are 0.01 epochs apart
  drops.loss.forEach(({ resolution }) => assertAlmostEqual(resolution, 0.005, 1e-4)); // half of that
  assertEqual([code.form, code.verdict, paper.form, paper.verdict], ["code", "matches", "paper", "rejected"]);
  assertAlmostEqual(code.largest!, 0.0039, 5e-5);
  assertAlmostEqual(paper.largest!, 4.2128, 5e-5);
  assertEqual(paper.reason, "stage 1 ends at 57.87, the loss drops at 62.08");
  const ends = (form: FormVerdict) => form.stages.map(({ name, epoch }) => `${name} ${epoch.toFixed(1)}`);
  assertEqual(ends(code), ["block 2 62.1", "block 4 68.6", "block 10 91.3"]);
  assertEqual(ends(paper), ["block 2 57.9", "block 4 65.1", "block 10 90.3"]);
  assertEqual([code.layers.length, code.layers[0].name, code.layers[12].epoch], [13, "patch embedding", null]);
});

Deno.test("the released LocalMIM logs have no drop, as their recipe says", async () => {
  for (const name of ["localmim_1gpu", "localmim_finetune"]) {
    const log = await rawLog(name);
    if (!log) return;
    assertEqual(examine(log.run).drops, { loss: [], time: [] });
    assertEqual(formsOf(log.run).map(({ form, verdict }) => [form, verdict]), [["no freezing", "matches"]]);
  }
});

Deno.test("whole epochs tell the forms apart too: unscaled, linear, another t0, eight GPUs", () => {
  const frozen = released.filter(({ args }) => args.t_0 !== undefined);
  assertEqual(frozen.length, 5);
  for (const run of frozen) {
    const [code, paper] = formsOf(wholeEpochs(run));
    assertEqual([code.verdict, paper.verdict], ["matches", "rejected"], run.run);
    assertTrue(code.largest! < 0.01 && paper.largest! > 4, `${run.run}: ${code.largest}, ${paper.largest}`);
  }
  const linear = frozen.find(({ args }) => args.how_scale === "linear")!;
  const [code] = formsOf(wholeEpochs(linear));
  assertEqual(code.stages.map(({ epoch }) => Number(epoch.toFixed(4))), [62.5, 70, 92.5]);
});

Deno.test("whole epochs of runs that do not freeze have no drop in the loss", () => {
  for (const run of released.filter(({ args }) => args.t_0 === undefined)) {
    assertEqual(formsOf(wholeEpochs(run)).map(({ form, verdict }) => [form, verdict]), [["no freezing", "matches"]]);
  }
});

Deno.test("epochTimeByFrozenLayers() gives the released run's times by frozen layers", () => {
  const run = released.find(({ run }) => run.endsWith("bench_1/full_pretrain_out_freezeout_cubic_t0_8_1gpu"))!;
  const times = epochTimeByFrozenLayers(run, recipeSchedule(recipeOf(run.args), 1, "code")!);
  assertEqual(times.map(({ frozen }) => frozen), Array.from({ length: 13 }, (_, k) => k));
  assertEqual(
    times.map(({ relative }) => relative!.toFixed(3)).join(" "),
    "1.000 0.988 0.978 0.822 0.812 0.692 0.682 0.672 0.662 0.653 0.643 0.527 0.517",
  );
  assertEqual([times[1].epochs, times[12].epochs], [[57, 58], [96, 97, 98, 99]]);
});

Deno.test("epochTimeByFrozenLayers() leaves out epochs in which a layer freezes, and takes medians", () => {
  const recipe = recipeOf({ epochs: 6, warmup_epochs: 0, batch_size: 256, lr: 1, model: "vit_base", t_0: 0.5 });
  // t_i = 0.125 to 1: the first layer freezes at 0.75, the tenth at 4.02, the eleventh at 4.62, the twelfth at 5.28
  const times = epochTimeByFrozenLayers({ seconds: [9, 8, 7, 6, 5, 4] }, recipeSchedule(recipe, 1, "code")!);
  assertEqual(times, []);
  const free = { ...recipe, freezing: { ...recipe.freezing!, power: 1 as const } }; // from 3.0 on, every 0.25 epochs
  const medians = epochTimeByFrozenLayers({ seconds: [9, 8, 6, 6, 5, 4] }, recipeSchedule(free, 1, "code")!);
  assertEqual(medians, [{ frozen: 0, epochs: [0, 1, 2], seconds: 8, relative: 1 }]);
});
