import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { compareLr } from "../reports/logs/compareLr.ts";
import { examine } from "../reports/logs/examine.ts";
import { logJson } from "../reports/logs/json.ts";
import { parseLog, readLog } from "../reports/logs/readLog.ts";
import { logText } from "../reports/logs/text/logText.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { chunked, EPOCHS, EVERY, ITERATIONS, madeUpLog, madeUpLr } from "./madeUpLog.ts";
import { command, inFolder } from "./reportTools.ts";
import { formsOf, numbers, parsed, recipeOf } from "./logTools.ts";

Deno.test("parseLog() reads MAE's logs: an argument a line, no time of day, accuracy after each epoch", async () => {
  const args = { finetune: "'a, (b).pth'", nb_classes: "1000", betas: "(0.9,\n 0.95)", cutmix_minmax: "None" };
  const { run, warnings } = await parsed(
    madeUpLog({ args, manyLines: true, stamped: false, top1: (epoch) => 60 + epoch }),
  );
  assertEqual([run.complete, warnings, run.trainingSeconds], [true, [], 93784]);
  assertEqual([run.args?.finetune, run.args?.betas, run.args?.cutmix_minmax], ["a, (b).pth", "(0.9,  0.95)", null]);
  const { program, kind, batch, lr } = recipeOf(run.args);
  assertEqual([program, kind, batch], ["MAE", "finetune", 512]);
  assertAlmostEqual(lr, 0.003, 1e-15); // 0.0015 x 512 / 256, a float
  const { epoch, top1, top5, testLoss, wallSeconds, stepSeconds, dataSeconds } = run.epochs[11];
  assertEqual([epoch, top1, top5, testLoss, wallSeconds, stepSeconds], [11, 71, 80, 0.744, 102, 100]);
  assertAlmostEqual(dataSeconds!, 0.01 * ITERATIONS, 1e-9); // a sum of floats
  assertTrue(compareLr(run, recipeOf(run.args)).matches, "learning rates");
});

Deno.test("parseLog() reads MAE's JSON lines, repeated epochs and NaN included", async () => {
  const line = (epoch: number, loss: string) =>
    `{"train_lr": 1.5e-05, "train_loss": ${loss}, "test_loss": 0.5, "test_acc1": 80.5, "test_acc5": 95.5, "epoch": ${epoch}, "n_parameters": 86}`;
  const text = [line(0, "0.9"), line(1, "0.8"), line(2, "0.7"), line(1, "0.6"), line(2, "NaN"), line(3, "0.4")];
  const log = await parsed(text.join("\n"));
  assertEqual([log.form, log.run.complete, numbers(log)], ["json lines", null, [0, 1, 2, 3]]);
  assertEqual(log.run.epochs.map(({ lossMean }) => lossMean), [0.9, 0.6, NaN, 0.4]);
  assertEqual([log.run.epochs[0].lr, log.run.epochs[0].top1, log.run.epochs[0].top5], [1.5e-5, 80.5, 95.5]);
  assertEqual(log.warnings, [
    "the program was started 2 times; what counts begins in lines 1, 4",
    "the recipe is unknown: a log of JSON lines has no Namespace",
    "the loss is NaN in epoch 2",
  ]);
  const again = await parsed([...text, line(0, "0.95")].join("\n"));
  assertEqual(numbers(again), [0, 1, 2, 3], "a start of one epoch does not replace one of four");
});

Deno.test("parseLog() counts the last complete run, not what came after it", async () => {
  const whole = madeUpLog(), second = madeUpLog({ loss: () => 0.5 }), begun = madeUpLog({ last: 3, ends: false });
  const log = await parsed(whole + second + begun);
  assertEqual([log.run.complete, log.run.epochs[0].lossMean], [true, 0.5]);
  assertEqual(log.starts.map(({ end, counted }) => [end, counted]), [
    ["finished", false],
    ["finished", true],
    ["broken off", false],
  ]);
  const crashed = await parsed(begun + "Traceback (most recent call last):\n" + whole);
  assertEqual(crashed.starts.map(({ end, epochs }) => [end, epochs?.last]), [["traceback", 3], ["finished", 11]]);
});

Deno.test("parseLog() joins a run with the start that resumed it", async () => {
  const before = madeUpLog({ last: 6, ends: false, loss: () => 0.7 });
  const after = madeUpLog({ first: 5, loss: () => 0.3 });
  const log = await parsed(before + after);
  assertEqual([log.run.complete, numbers(log)], [true, Array.from({ length: EPOCHS }, (_, k) => k)]);
  assertEqual(log.run.epochs.map(({ lossMean }) => lossMean), [...Array(5).fill(0.7), ...Array(7).fill(0.3)]);
  assertEqual(log.starts.map(({ counted }) => counted), [true, true]);
  const { to, loss } = log.run.series;
  assertTrue(to.every((at, k) => k === 0 || at > to[k - 1]), "the lines of the repeated epochs are gone");
  assertEqual(to.filter((_, k) => loss[k] === 0.7).at(-1), 5);
  const alone = await parsed(after);
  assertEqual([alone.run.complete, alone.warnings], [false, ["epochs 0 to 4 are missing"]]);
});

Deno.test("parseLog() takes epochs that repeat without a namespace for another start", async () => {
  const lines = madeUpLog({ last: 2, ends: false }).split("\n");
  const log = await parsed([...lines.slice(0, -5), ...lines.slice(2)].join("\n"));
  assertEqual([log.starts.length, numbers(log)], [2, [0, 1, 2]]);
  assertEqual(log.starts[0].reached, { epoch: 2, done: 181, iterations: ITERATIONS });
  assertEqual(log.run.args?.epochs, EPOCHS, "the arguments are those of the first start");
});

Deno.test("parseLog() takes lines that several processes print once", async () => {
  const twice = madeUpLog({ top1: () => 70 }).split("\n").flatMap((line) =>
    line.includes("Namespace") ? [line] : [line, line]
  );
  const once = await parsed(madeUpLog({ top1: () => 70 })), log = await parsed(twice.join("\n"));
  assertEqual(log.run, once.run);
});

Deno.test("parseLog() reads a log through colours, progress bars, docker's lines and prefixes as the plain one", async () => {
  const text = madeUpLog({ top1: () => 70 }), { run } = await parsed(text);
  const ways: Record<string, (line: string) => string> = {
    colours: (line) => `\x1b[1;32m${line}\x1b[0m`,
    title: (line) => `\x1b]0;train\x07${line}\x1b[K`,
    "carriage return": (line) => ` 10%|#  | 1/10\r 20%|## | 2/10\r${line}\r`,
    docker: (line) =>
      JSON.stringify({ log: `\x1b[32m${line}\x1b[0m\n`, stream: "stdout", time: "2026-01-02T03:04:05Z" }),
    collector: (line) => JSON.stringify({ message: line, kubernetes: { pod_name: "a" } }),
    kubernetes: (line) => `2026-01-02T03:04:05.678Z stdout F ${line}`,
    units: (line) => line.replace("max mem: 1000", "max mem: 7.5 GB"),
    "epochs of a number": (line) => line.replace(/Epoch: \[(\d+)\]/, "Epoch: [$1/12]"),
  };
  for (const [name, way] of Object.entries(ways)) {
    const log = await parsed(text.trimEnd().split("\n").map(way).join("\n") + "\n", 1000);
    assertEqual([log.run, log.warnings, log.lines], [run, [], text.split("\n").length - 1], name);
  }
  const record = (epoch: number) => `[default0]:{"train_lr": 1e-05, "train_loss": 0.${9 - epoch}, "epoch": ${epoch}}`;
  const json = await parsed([0, 1, 2].map(record).join("\n"));
  assertEqual([json.form, json.run.epochs.map(({ lossMean }) => lossMean)], ["json lines", [0.9, 0.8, 0.7]]);
});

Deno.test("parseLog() tells processes apart by what launchers put before their lines; the first one counts", async () => {
  const loss = (rank: number) => (at: number) => 0.2 + 0.1 * rank + 0.1 / (1 + at);
  const texts = [0, 1, 2].map((rank) => madeUpLog({ loss: loss(rank), manyLines: true }).trimEnd().split("\n"));
  const { run } = await parsed(texts[0].join("\n"));
  const ways: ((rank: number) => string)[] = [
    (rank) => `[default${rank}]:`,
    (rank) => `[rank${rank}]: `,
    (rank) => `${rank}: `,
    (rank) => ` ${rank}: [default0]:`,
    (rank) => `[1,${rank}]<stdout>:`,
    (rank) => `worker-${rank}  | `,
    (rank) => `2026-01-02T03:04:05.678Z stdout F [trainer${rank}]:`,
  ];
  for (const way of ways) {
    const lines = texts[0].flatMap((_, k) => [2, 0, 1].map((rank) => way(rank) + texts[rank][k]));
    const log = await parsed(lines.join("\n"));
    assertEqual([log.run, log.starts.length, log.processes, log.warnings], [run, 1, 3, []], way(0));
  }
});

Deno.test("parseLog() takes the mixed lines of several processes for one start, and a second start for a second", async () => {
  const loss = (rank: number) => (at: number) => 0.2 + 0.01 * rank + 0.1 / (1 + at),
    ranks = [5, 3, 0, 7, 1, 2, 4, 6, 8];
  const args = (rank: number) => ({ rank: String(rank), gpu: String(rank % 4), world_size: "9" });
  const lines = (rank: number) =>
    madeUpLog({ loss: loss(rank), args: args(rank), top1: () => 70 }).trimEnd().split("\n");
  const texts = ranks.map(lines), { run } = await parsed(lines(4).join("\n"));
  // Process p is p % 3 lines behind the first.
  const together = texts[0].slice(0, 3).flatMap((_, k) => texts.map((own) => own[k]));
  const behind = Array.from({ length: texts[0].length + 2 }, (_, k) => texts.map((own, p) => own.slice(3)[k - p % 3]));
  const mixed = [...together, ...behind.flat().filter((line) => line !== undefined)];
  const once = await parsed(mixed.join("\n")), { args: _, ...numbers } = run;
  const { args: __, ...found } = once.run;
  assertEqual([found, once.starts.length, once.processes], [numbers, 1, 9]);
  assertEqual(once.warnings, [
    "9 lines of each step and no sign of their processes: the median of their losses is taken, 0.2077 to 0.2877 in the last one",
  ]);
  const twice = await parsed([...mixed, ...mixed].join("\n"));
  assertEqual([twice.starts.length, twice.run.complete], [2, true]);
});

Deno.test("parseLog() uses what is whole of a cut log and says what is not", async () => {
  const text = madeUpLog(), epoch = text.indexOf("Epoch: [4]  [ 60/"), cut = await parsed(text.slice(0, epoch + 20));
  const line = text.slice(0, epoch).split("\n").length;
  assertEqual([numbers(cut), cut.run.complete], [[0, 1, 2, 3], false]);
  assertEqual(cut.warnings, [
    `the last line, ${line}, is cut and not used; epoch 4 is incomplete (41 of 200 iterations) and left out`,
    "the run is not complete: its last epoch is 3 of 0 to 11",
  ]);
  const inNumber = await parsed(text.slice(0, text.indexOf("\n", epoch) - 2));
  assertTrue(
    inNumber.warnings[0].startsWith(`the last line, ${line}, has no end; epoch 4 is incomplete (61 of`),
    inNumber.warnings[0],
  );
  assertEqual((await parsed(text.trimEnd())).warnings, [], "a whole last line needs no line break");
});

Deno.test("parseLog() names the epochs whose loss is no finite number", async () => {
  const nan = await parsed(madeUpLog({ loss: (at) => at > 7.5 ? NaN : 0.2 }));
  assertEqual(nan.warnings, ["the loss is NaN in epochs 7, 8, 9, 10, 11"]);
  assertEqual(examine(nan.run).drops.loss, []);
  const json = JSON.parse(JSON.stringify(logJson("x", nan, examine(nan.run))));
  assertEqual([json.run.epochs[9].lossMean, json.run.nonFinite[0]], [null, { epoch: 7, value: "NaN" }]);
  const stopped = await parsed(madeUpLog({ last: 4, ends: false }) + "[1:2] Loss is nan, stopping training\n");
  assertEqual(stopped.starts[0].end, "loss not finite");
  assertTrue(stopped.warnings.includes("the loss is nan in epoch 5"), stopped.warnings.join());
});

Deno.test("parseLog() gives the epochs of a log without a recipe, and says why it compares nothing", async () => {
  const log = await parsed(madeUpLog({ args: null }));
  assertEqual([log.run.args, log.run.complete, log.run.epochs.length], [null, true, EPOCHS]);
  assertEqual(log.warnings, ["the recipe is unknown: the log has no Namespace"]);
  assertEqual(examine(log.run).compared, "the log states no recipe");
  const broken = await parsed("Namespace(epochs=12, [\n" + madeUpLog({ args: null }));
  assertEqual(broken.warnings, ["the recipe is unknown: the Namespace in line 1 is broken"]);
  const { compared } = examine((await parsed(madeUpLog({ args: { warmup_epochs: "'two'" } }))).run);
  assertTrue(String(compared).startsWith('warmup_epochs is "two" ('), String(compared));
});

Deno.test("parseLog() finds the drop of a made-up log between its lines, counted from 0 or from 1", async () => {
  for (const firstIteration of [0, 1] as const) {
    const loss = (at: number) => at > 7.33 ? 0.05 : 0.1, time = (at: number) => at > 7.33 ? 0.4 : 0.5;
    const { run } = await parsed(madeUpLog({ loss, time, firstIteration }));
    const { drops } = examine(run);
    assertEqual([run.iterations, run.series.to[0], run.series.to.at(-1)], [ITERATIONS, 1 / ITERATIONS, EPOCHS]);
    for (const drop of [...drops.loss, ...drops.time]) {
      assertTrue(Math.abs(drop.epoch - 7.33) <= drop.resolution, `${drop.epoch} ± ${drop.resolution}`);
      assertTrue(drop.resolution <= EVERY / ITERATIONS / 2 + 1e-9, "no worse than half the distance of two lines");
    }
    assertEqual([drops.loss[0].before, drops.loss[0].after], [0.1, 0.05]);
    assertAlmostEqual(drops.time[0].after, 0.4, 1e-9); // waiting for data taken off again
    assertTrue(/^the loss drops at 7\.3/.test(formsOf(run)[0].reason), formsOf(run)[0].reason);
  }
});

Deno.test("judgeForms() reports drops that are missing, unknown depths and forms that cannot be", async () => {
  const args = { t_0: "0.8", how_scale: "'cubic'", min_lr: "0" };
  const [code, paper] = formsOf((await parsed(madeUpLog({ args }))).run);
  assertEqual([code.verdict, code.reason, code.largest], ["rejected", "3 stages end, the loss drops 0 times", null]);
  assertEqual([paper.verdict, code.stages.length], ["rejected", 3]);
  const verdicts = async (change: Record<string, string>) =>
    formsOf((await parsed(madeUpLog({ args: { ...args, ...change } }))).run).map(({ verdict, reason }) =>
      `${verdict}: ${reason}`
    );
  assertEqual(
    await verdicts({ model: "'vit_x'" }),
    Array(2).fill("not testable: the depth of model 'vit_x' is not known"),
  );
  const [, early] = await verdicts({ t_0: "0.4" });
  assertTrue(early.startsWith("not testable: Cannot use t0 0.4"), early);
  const short = await parsed(madeUpLog({ args, last: 5, ends: false }));
  assertEqual(formsOf(short.run)[0].reason, "the log covers no end of a stage");
});

Deno.test("parseLog() gives the same whatever the size of the chunks", async () => {
  const text = madeUpLog({ last: 2, ends: false, top1: (epoch) => 50 + epoch, manyLines: true }) +
    "größe µ 数 \u{1F600}\r\n" + "x".repeat(70_000) + "\n" + madeUpLog({ first: 2, last: 3, stamped: false }) +
    "Epoch: [4]  [";
  const wanted = await parsed(text);
  assertEqual([wanted.starts.length, numbers(wanted)], [2, [0, 1, 2, 3]]);
  assertTrue(wanted.warnings.includes("1 line is too long for a training log and not used"), wanted.warnings.join());
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5000 }), async (size) => assertEqual(await parsed(text, size), wanted)),
    { numRuns: 20, examples: [[1], [2], [3]] },
  );
});

Deno.test("parseLog() holds little of a line of 100 MB", async () => {
  function* chunks() {
    yield* chunked(madeUpLog({ last: 1, ends: false }));
    const block = new Uint8Array(1 << 20).fill(120);
    for (let k = 0; k < 100; k++) yield block;
    yield* chunked("\n" + madeUpLog({ first: 2 }));
  }
  const before = Deno.memoryUsage(), log = await parseLog(chunks()), after = Deno.memoryUsage();
  assertEqual([log.run.complete, log.bytes > 1e8, log.run.epochs.length], [true, true, EPOCHS]);
  const held = after.heapUsed + after.external - before.heapUsed - before.external;
  assertTrue(held < 40e6, `${held} bytes more than before`); // the garbage of the lines; the long line has 100e6
});

Deno.test("readLog() reads gzip by its content, of several members too", () =>
  inFolder(async (folder) => {
    const text = madeUpLog(), half = text.indexOf("Epoch: [6]"), path = `${folder}/log.txt`;
    const bytes = new TextEncoder().encode(text);
    await Deno.writeFile(path, bytes);
    const wanted = await readLog(path);
    await Deno.writeFile(path, gzipSync(bytes));
    assertEqual(await readLog(path), wanted);
    await Deno.writeFile(path, new Uint8Array([...gzipSync(bytes.slice(0, half)), ...gzipSync(bytes.slice(half))]));
    assertEqual(await readLog(path), wanted);
    await Deno.writeFile(`${path}.gz`, bytes);
    assertEqual(await readLog(`${path}.gz`), wanted);
  }));

Deno.test("readLog() refuses what is no whole training log", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log.gz`, text = madeUpLog(), bytes = new TextEncoder().encode(text);
    const refused = async (content: Uint8Array | string, wanted: string | RegExp) => {
      await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
      const message = await assertRejects(() => readLog(path), wanted);
      assertTrue(message.startsWith("Cannot ") && message.includes(path) && !message.includes("\n"), message);
    };
    await assertRejects(() => readLog(`${folder}/none`), "none: no such file or directory, want a training log");
    await assertRejects(() => readLog(folder), ": it is a folder, want a training log");
    await refused("", ": it is empty, want a training log");
    await refused(gzipSync(""), ": it is empty, want a training log");
    await refused(
      "a\nb\n",
      ": no line of a training log in 2 lines, the first is 'a', want the output of LocalMIM, ViTFreeze or MAE",
    );
    await refused(new Uint8Array([65, 10, 0, 1]), ": byte 2 is 0, want the text of a training log, plain or gzip");
    const noise = Array.from({ length: 3000 }, (_, k) => `noise ${(k * 7919) % 3001}\n`).join("");
    const zipped = gzipSync(bytes.slice(0, text.indexOf("Epoch: [5]")));
    await refused(zipped.slice(0, -20), /: its gzip stream is cut off after [45] finished epochs, want it whole$/);
    const damaged = new Uint8Array([...gzipSync(new TextEncoder().encode(text.slice(0, 9000) + noise))]);
    damaged.fill(255, damaged.length - 3000, damaged.length - 2900);
    await refused(damaged, /: its gzip stream is damaged after \d+ finished epochs/);
    await refused(
      text.slice(0, text.indexOf("[ 80/")),
      ": no epoch was finished; the log ends in epoch 0, after 61 of 200",
    );
    await refused(text.split("\n")[0], ": no epoch was finished; the log ends before the first iteration");
    await refused(
      text.split("\n")[0] + "\nTraceback (most recent call last):\n",
      ": no epoch was finished; the program ended with a traceback before the first iteration",
    );
  }));

Deno.test("logText() fits into 80 columns and shows no control character of the log", async () => {
  const args = { t_0: "0.8", how_scale: "'cubic'", model: String.raw`'base` + "\x1b[31m'" };
  for (const made of [{ args }, { args: { finetune: "'x'" }, top1: () => 83.2 }, { args: null }]) {
    const log = await parsed(madeUpLog(made) + madeUpLog(made));
    const text = logText("a\x07/log.txt", log, examine(log.run), true);
    const many = { ...log, run: { ...log.run, epochs: Array(50).fill(log.run.epochs).flat() } };
    const short = logText("log.txt", many, examine(log.run), false).split("\n");
    assertTrue(short.some((line) => line.includes("(every 30 and the last; all 600 with --all)")), short.join("\n"));
    assertEqual(short.filter((line) => line.length > 80), []);
    assertTrue(!/[\p{Cc}--\n]/v.test(text), "a control character");
    const lines = text.split("\n");
    assertTrue(lines.every((line) => line.length <= 80), lines.filter((line) => line.length > 80).join("\n"));
    assertEqual(lines.filter((line) => /^ +\d+ +0\.00/.test(line)).length, EPOCHS);
  }
});

Deno.test("import:log prints a summary, or one JSON object, and warns on stderr", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log.txt`;
    await Deno.writeTextFile(path, madeUpLog({ last: 8, ends: false }));
    const warning = "warning: the run is not complete: its last epoch is 8 of 0 to 11\n";
    const shown = await command("commands/importLog/main.ts", path);
    assertEqual([shown.code, shown.err], [0, warning]);
    assertTrue(shown.out.startsWith(`MAE pre-training: ${path}\n  model      mae_vit_base_patch16\n`), shown.out);
    const { code, out, err } = await command("commands/importLog/main.ts", "--json", path);
    assertEqual([code, err], [0, warning]);
    const { run, comparison, recipe, drops, warnings } = JSON.parse(out);
    assertEqual([run.epochs.length, recipe.epochs, drops, warnings.length], [9, EPOCHS, { loss: [], time: [] }, 1]);
    assertEqual(run.epochs[8].scheduledLr, madeUpLr(9 * ITERATIONS));
    assertEqual([comparison.lr.matches, comparison.forms[0].verdict], [true, "matches"]);
  }));

Deno.test("import:log names a mistake in one line and ends with code 1", async () => {
  assertEqual(await command("commands/importLog/main.ts"), {
    code: 1,
    out: "",
    err: "error: Cannot import a log: no file is named; usage: deno task import:log FILE [flags]\n",
  });
  const missing = await command("commands/importLog/main.ts", "no/such.log");
  assertEqual([missing.code, missing.out], [1, ""]);
  assertEqual(missing.err, "error: Cannot read no/such.log: no such file or directory, want a training log\n");
});
