import { coreHash } from "../records/identity.ts";
import { stepSeconds } from "../records/schema.ts";
import { loadRecords, readRecord } from "../records/store.ts";
import { parse } from "yaml";
import { parseCommand } from "../commands/repro/flags.ts";
import { tooManyThreads } from "../commands/repro/setup.ts";
import { EXPERIMENTS } from "../experiments/mod.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell, settings, TINY_CI } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { recordsOf, repro, type RunLine } from "./reproTools.ts";

Deno.test("repro alone lists every experiment with what it asks, its scales and their minutes; --help lists the flags", () =>
  inFolder(async (folder) => {
    const { out, err } = await runWell("repro", folder),
      blocks = out.split(/\n(?=\S)/).map((block) => block.split("\n"));
    assertEqual(blocks[0][0], "Experiments, with their scales and the minutes that they take on two cores:");
    const listed = blocks.slice(1, -1).map(([id, question, scales]) => [id, question, scales]);
    assertEqual(
      listed,
      EXPERIMENTS.map(({ id, question, recipe, minutes }) => [
        id,
        `  ${question}`,
        `  ${
          Object.keys(recipe.profiles).map((name) => name + (name in minutes ? ` ${minutes[name]} min` : "")).join(", ")
        }`,
      ]),
    );
    assertEqual(listed[0], [
      "thesis.table17",
      "  Does SR-LR win back what freezing costs? LocalMIM and three ways to freeze it",
      "  ci 1 min, laptop 5 min, cifar10 25 min, cifar10-full 270 min, evidence 130 min, evidence-small, tinyimagenet 50 min, paper",
    ]);
    const help = await runWell("repro", folder, "--help");
    assertEqual(help.out.split("\n")[0], "usage: deno task repro [EXPERIMENT] [flags]");
    assertEqual([...help.out.matchAll(/^ {2}--([a-z\d-]+)/gm)].map(([, flag]) => flag), [
      ..."profile data teacher teacher-loss tokens classes skip-bad rows seeds seed set probes phase engine backend device ort tf32"
        .split(" "),
      ..."threads accum distributed rank-timeout out run resume fresh wait any-code every keep predict config times repeats steps json help"
        .split(" "),
    ]);
    assertEqual([err, help.err, await filesBelow(folder)], ["", "", []]);
  }));

Deno.test("repro:table17 prints what it runs, the tables and where the records are, and no library says a word", () =>
  inFolder(async (folder) => {
    const { out, err } = await runWell("table17", folder, ...TINY_CI, "--rows", "localmim,vitfreeze", "--seeds", "2");
    const lines = out.split("\n");
    assertEqual(lines.slice(0, 2), [
      "thesis.table17, profile ci: rows localmim, vitfreeze; seeds 0, 1",
      "8 phases: 4 pre-trainings, 4 fine-tunings",
    ]);
    assertTrue(/^engine compiled: onnxruntime-cpu \d+\.\d+\.\d+, threads: \d+$/.test(lines[2]), lines[2]);
    assertEqual(lines.slice(3, 8), [
      "data procedural: 32 training images, 12 classes",
      "data procedural: 32 training and 12 test images, 12 classes",
      "model ViT 12x12, images of 32 pixels, method localmim",
      "training 2 epochs of pre-training, 1 of fine-tuning; all settings: --config",
      "freezing t0 0.8, power 3, backward cut",
    ]);
    assertEqual(lines.slice(9, 11), ["records go to runs/results, weights to runs", ""]);
    const table = lines.slice(
      lines.findIndex((line) => /^thesis\.table17 +published +ours \(profile ci with /.test(line)) + 1,
    );
    const words = table.slice(0, 5).map((line) => line.trim().split(/ {2,}/));
    assertEqual(words[0], ["ratio", "top-1", "top-5", "drop", "s/ep", "ratio", "whole", "top-1", "top-5", "drop", "n"]);
    assertEqual(words.slice(1).map((cells) => cells[0] + cells.at(-1)), [
      "LocalMIM-HOG2",
      "ViTFreeze2",
      "ViTFreeze w/o LR scaling0",
      "ViTFreeze w/ SR-LR0",
    ]);
    // The same runs fill two more tables.
    assertEqual(lines.flatMap((line) => /^(\S+) +published +ours/.exec(line)?.[1] ?? []).slice(1, 2), [
      "thesis.table18",
    ]);
    // Progress of every row and seed, and nothing else.
    const progress = /^(LocalMIM-HOG|ViTFreeze) seed [01] {2}(pretrain [12]\/2|finetune 1\/1|evaluate 1\/1) .* ETA .*$/;
    assertEqual(err.trimEnd().split("\n").filter((line) => !progress.test(line)), []);
    assertTrue(err.includes("LocalMIM-HOG seed 0") && err.includes("ViTFreeze seed 1"), err);
    assertTrue(out.includes("\n8 phases were run; records are in runs/results, weights in runs:\n"), out);
    const named = [...out.matchAll(/^ {2}(?:LocalMIM-HOG|ViTFreeze), seed [01]: (\S+), (\S+)$/gm)];
    const folders = new Set(
      (await filesBelow(`${folder}/runs`)).map((name) => name.split("/")[0]).filter((name) => name !== "results"),
    );
    assertEqual(named.flatMap(([, ...names]) => names).sort(), [...folders].sort());
    const files = await filesBelow(`${folder}/runs/results`);
    assertEqual([
      files.length,
      (await runWell("verify", folder, "runs/results")).out.endsWith("8 verified, 0 failed\n"),
    ], [8, true]);
  }));

Deno.test("repro computes the same from one seed, and something else from another", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim"];
    await runWell("table17", folder, ...flags, "--seeds", "2", "--out", "first");
    await runWell("table17", folder, ...flags, "--out", "second", "--run", "other");
    const hashes = async (name: string) => {
      const records = (await loadRecords(`${folder}/${name}`)).map(({ record }) => record);
      return Object.fromEntries(records.map((each) => [`${each.phase.kind} ${each.phase.seed}`, coreHash(each)]));
    };
    const first = await hashes("first"), second = await hashes("second");
    assertEqual(Object.keys(first).sort(), ["finetune 0", "finetune 1", "pretrain 0", "pretrain 1"]);
    for (const kind of ["pretrain", "finetune"]) {
      assertEqual(first[`${kind} 0`], second[`${kind} 0`]);
      assertTrue(first[`${kind} 0`] !== first[`${kind} 1`], `two seeds gave the same ${kind}`);
    }
    assertEqual(Object.keys(second).sort(), ["finetune 0", "pretrain 0"]);
  }));

Deno.test("repro --json prints one object with the phases, values and ratios of the rows", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim,vitfreeze", "--json", "--out", `${folder}/deep/er`];
    const { out, err } = await runWell("table17", folder, ...flags);
    const { experiment, profile, set, config, rows } = JSON.parse(out) as Record<string, unknown> & { rows: RunLine[] };
    assertEqual([experiment, profile], ["thesis.table17", "ci"]);
    // What differs from the profile, sorted; warmupEpochs 0.5 is the profile's own.
    assertEqual((set as string[]).slice(0, 4), [
      "data.test=12",
      "data.train=32",
      "finetune.batch=8",
      "finetune.epochs=1",
    ]);
    assertEqual((config as { pretrain: { batch: number } }).pretrain.batch, 8);
    assertEqual(rows.map(({ row, seed, label }) => [row, seed, label]), [
      ["localmim", 0, "LocalMIM-HOG"],
      ["vitfreeze", 0, "ViTFreeze"],
    ]);
    for (const { phases, seconds, secondsPerEpoch, timeRatio, top1, top5, top1Drop, loss } of rows) {
      assertEqual(phases.map(({ kind, taken }) => [kind, taken]), [["pretrain", false], ["finetune", false]]);
      const [{ record: pretrain, id }, { record: finetune }] = await Promise.all(
        phases.map(async ({ id, path, key }) => {
          assertEqual(path, `deep/er/${id}.json`);
          const stored = await readRecord(`${folder}/${path}`);
          assertEqual([stored.id, stored.record.key], [id, key]);
          return stored;
        }),
      );
      assertEqual([pretrain.startedFrom, finetune.startedFrom], [null, id]);
      assertEqual(finetune.phase.from, { key: phases[0].key, epochs: null });
      assertEqual(finetune.asked, { experiment: "thesis.table17", profile: "ci", set });
      const spent = pretrain.epochs.map(({ seconds }) => stepSeconds(seconds));
      // By way of hours: a rounding error at most.
      assertAlmostEqual(seconds!, spent[0] + spent[1], 1e-12);
      assertAlmostEqual(secondsPerEpoch!, seconds! / 2, 1e-12);
      assertAlmostEqual(timeRatio!, seconds! / rows[0].seconds!, 1e-12);
      assertEqual<unknown>({ top1, top5, loss }, finetune.metrics);
      assertEqual(top1Drop, rows[0].top1! - top1!);
    }
    assertTrue(err.includes("ViTFreeze seed 0  finetune"), err);
  }));

Deno.test("repro with freeze.t0 = 1 makes ViTFreeze and LocalMIM one and the same phases, trained once", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, ...settings({ "freeze.t0": 1 }), "--rows", "localmim,vitfreeze_unscaled"];
    const [one, other] = await repro(folder, "thesis.table17", ...flags);
    assertEqual(one.phases, other.phases);
    assertEqual([one.timeRatio, other.timeRatio, other.top1Drop], [1, 1, 0]);
    assertRefused(
      await run("table17", folder, ...TINY_CI, ...settings({ "freeze.t0": 1 })),
      "Cannot use freeze.t0 1 with SR-LR: it has no effect where nothing freezes; want a t0 below 1",
    );
    assertEqual((await filesBelow(`${folder}/runs/results`)).length, 2);
  }));

Deno.test("repro --engine eager runs to the end, with the losses of the compiled engine", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, ...settings({ "data.train": 16, "pretrain.epochs": 1, "model.imageSize": 16 })];
    const row = ["--rows", "vitfreeze"];
    const of = async (engine: string) => {
      const where = ["--engine", engine, "--out", engine, "--run", `run-${engine}`];
      const { err } = await runWell("table17", folder, ...flags, ...row, ...where);
      assertEqual(err.split("\n").filter((line) => line && !line.startsWith("ViTFreeze seed 0  ")), []);
      const { pretrain: [pretrain], finetune: [finetune] } = await recordsOf(`${folder}/${engine}`);
      return { pretrain, finetune };
    };
    const compiled = await of("compiled"), eager = await of("eager");
    assertEqual([compiled, eager].map(({ pretrain: { engine } }) => engine.name), ["compiled", "eager"]);
    assertEqual(eager.finetune.engine.backend, "cpu");
    const losses = ({ pretrain, finetune }: typeof eager) => [
      ...pretrain.epochs.flatMap(({ losses }) => Object.values(losses).filter((loss) => loss !== null)),
      finetune.epochs[0].losses.loss!,
      finetune.metrics.loss!,
    ];
    // Both sum in float32, in different orders, over a few optimiser steps.
    losses(eager).forEach((loss, i) => {
      const wanted = losses(compiled)[i];
      assertAlmostEqual(loss, wanted, 1e-3 * wanted, `loss ${i}`);
    });
    assertEqual(losses(eager).length, 7);
    // An engine is part of what a phase is: one does not take the other's.
    assertRefused(
      await run("table17", folder, ...flags, ...row, "--engine", "eager", "--run", "run-compiled"),
      "Cannot use run-compiled/pretrain-localmim-",
      'engine.backend is "onnxruntime-cpu" in record.json, "cpu" now; ',
      "want the same, or --fresh to start over",
    );
  }));

Deno.test("repro --config prints all settings as YAML and runs nothing, also where the images are missing", () =>
  inFolder(async (folder) => {
    const { out, err } = await runWell("table17", folder, "--profile", "cifar10", "--config", "--set", "freeze.t0=0.7");
    const { data, freeze, pretrain } = parse(out);
    assertEqual([data, freeze.t0, pretrain.epochs], [
      { source: "images", classes: null, train: 5000, test: 2000 },
      0.7,
      12,
    ]);
    assertEqual([err, await filesBelow(folder)], ["", []]);
    assertRefused(
      await run("table17", folder, "--config", "--json"),
      "Cannot use --json: it has no effect with --config, which prints the settings alone",
    );
  }));

Deno.test("repro warns of more threads than cores, and names the command that downloads CIFAR-10", async () => {
  assertEqual([1, 2].map((threads) => tooManyThreads({ threads }, { all: 4, available: 2 })), [undefined, undefined]);
  assertEqual(
    tooManyThreads({ threads: 3 }, { all: 4, available: 2 }),
    "--threads 3 on 2 cores: more threads than cores make steps slower",
  );
  await assertRejects(() => parseCommand(["table17", "--profile", "cifar10"]), "deno task datasets:fetch cifar10");
  assertEqual(parseCommand(["table17", "--profile", "paper", "--predict"])!.predict, true);
  await assertRejects(() => parseCommand(["table17", "--profile", "paper"]), "Cannot run profile paper without images");
});

Deno.test("flags of checkpoints without effect, and values out of range, are refused", () =>
  inFolder(async (folder) => {
    const cases: [string[], string][] = [
      [["--resume", "--fresh"], "Cannot use --resume and --fresh together"],
      ...["resume", "fresh", "any-code", "wait"].map((name): [string[], string] => [
        ["--predict", `--${name}`],
        `Cannot use --${name}: it has no effect with --predict, which trains nothing`,
      ]),
      [["--predict", "--keep", "3"], "Cannot use --keep: it has no effect with --predict"],
      [["--predict", "--every", "3"], "Cannot use --every: it has no effect with --predict"],
      [["--keep", "0"], "Cannot use --keep 0: want a whole number from 1"],
      [["--every=-1"], "want a number of minutes of at least 0"],
      [["--run", ""], "Cannot use --run '': want a folder"],
    ];
    for (const [flags, words] of cases) {
      assertRefused(await run("table17", folder, ...TINY_CI, ...flags), words);
    }
    assertEqual(await filesBelow(folder), []);
  }));
