import { coreHash } from "../records/identity.ts";
import { stepSeconds } from "../records/schema.ts";
import { loadRecords, readRecord } from "../records/store.ts";
import { parse } from "yaml";
import { parseCommand } from "../commands/repro/flags.ts";
import { knownImages } from "../commands/repro/knownImages.ts";
import { tooManyThreads } from "../commands/repro/setup.ts";
import type { DataConfig } from "../records/phase.ts";
import { EXPERIMENTS } from "../experiments/mod.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import {
  assertRefused,
  filesBelow,
  run,
  runWell,
  settings,
  spawn,
  TINY,
  TINY_CI,
  writeImages,
} from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { recordsOf, repro, type RunLine } from "./reproTools.ts";

/** A command that is still running, and what it has printed on stderr. */
interface Running {
  child: Deno.ChildProcess;
  err: string;
  /** Resolves when stderr holds the words, or has ended. */
  says(words: string): Promise<void>;
}

/** Starts a run and follows what it says on stderr. */
function follow(folder: string, ...args: string[]): Running {
  const child = spawn("table17", folder, args);
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const running: Running = {
    child,
    err: "",
    async says(words) {
      while (!running.err.includes(words)) {
        const { value, done } = await reader.read();
        if (done) return;
        running.err += value;
      }
    },
  };
  return running;
}

/** Sends Ctrl-C or another signal; gives the exit code, the seconds until the end, and all that was said on stderr. */
async function interrupt(
  running: Running,
  signal: Deno.Signal = "SIGINT",
): Promise<{ code: number; seconds: number; err: string }> {
  const start = performance.now();
  running.child.kill(signal);
  const [{ code }] = await Promise.all([
    running.child.status,
    running.child.stdout.cancel(),
    running.says("more than is ever said"),
  ]);
  return { code, seconds: (performance.now() - start) / 1000, err: running.err };
}

/** A step takes a hundredth of this; a busy machine may be slow to end a process. */
const SECONDS_TO_STOP = 5;

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

Deno.test("repro --predict prints the predicted time and stops", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim,vitfreeze", "--predict"];
    const { out, err } = await runWell("table17", folder, ...flags);
    const [config, prediction] = out.split("\nPredicted time on this machine, for each seed (");
    assertTrue(config.startsWith("thesis.table17, profile ci: "), config);
    assertEqual(prediction.trimEnd().split("\n").slice(2).map((line) => line.replace(/\d+ m?i?n? ?\d* ?s/, "time")), [
      "  LocalMIM-HOG  time",
      "  ViTFreeze     time",
      "all 4 phases, each once: time",
    ]);
    assertEqual([err, await filesBelow(folder)], ["", []]);

    const json = await runWell("table17", folder, ...flags, "--json", "--set", "finetune.epochs=2");
    const { predictedSeconds, total, secondsPerImage, rows } = JSON.parse(json.out);
    // Steps of a frozen ViTFreeze are shorter: by how much its layers tell, whatever the machine.
    const { localmim, vitfreeze } = predictedSeconds, finetuning = 2 * 32 * secondsPerImage.finetune;
    assertAlmostEqual(localmim, 2 * 32 * secondsPerImage.pretrain + finetuning, 1e-9 * localmim);
    assertTrue(vitfreeze < localmim && vitfreeze > finetuning, `${vitfreeze} s, LocalMIM ${localmim} s`);
    assertAlmostEqual(total, localmim + vitfreeze, 1e-9 * total); // they share no phase
    assertEqual([rows, json.err, await filesBelow(folder)], [undefined, "", []]);
  }));

Deno.test("repro --predict counts a pre-training that several rows share once", () =>
  inFolder(async (folder) => {
    const rows = ["--rows", "localmim_50,localmim_90,localmim_100"];
    const flags = [...TINY_CI, ...settings({ "pretrain.epochs": 10 }), ...rows, "--predict", "--json"];
    const { predictedSeconds, total, secondsPerImage } = JSON.parse(
      (await runWell("repro", folder, "table11", ...flags)).out,
    );
    const pretraining = 10 * 32 * secondsPerImage.pretrain, finetuning = 32 * secondsPerImage.finetune;
    for (const row of ["localmim_50", "localmim_90", "localmim_100"]) {
      assertAlmostEqual(predictedSeconds[row], pretraining + finetuning, 1e-9 * total, row);
    }
    assertAlmostEqual(total, pretraining + 3 * finetuning, 1e-9 * total);
  }));

Deno.test("repro --profile paper predicts its cost before it runs, with --json on stderr", () =>
  inFolder(async (folder) => {
    await writeImages(`${folder}/photos`);
    const small = settings({ "pretrain.batch": 4, "finetune.batch": 4, "pretrain.accumulation": 2 });
    const more = settings({ "finetune.accumulation": 2, "model.patchSize": 8, "finetune.epochs": 2 });
    const flags = ["--profile", "paper", "--data", "photos", ...TINY, ...small, ...more, "--rows", "localmim"];
    const { out, err } = await runWell("table17", folder, ...flags, "--json");
    const [, ours] = err.split("Predicted time on this machine, for each seed (");
    assertTrue(ours.split("\n")[2].startsWith("  LocalMIM-HOG  "), err);
    assertTrue(err.indexOf("Predicted") < err.indexOf("pretrain 1/2"), err);
    assertEqual(JSON.parse(out).rows.length, 1);
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

Deno.test("knownImages() counts the published images of a profile, of all classes and of some", async () => {
  const counts = async (profile: string, data: Partial<DataConfig> = {}) => {
    const { train, test, classes } = await knownImages(profile, {
      ...{ source: "images", classes: null, train: null, test: null },
      ...data,
    });
    return [train.length, test.length, classes.length];
  };
  assertEqual(await counts("paper"), [1281167, 50000, 1000]);
  assertEqual(await counts("paper", { classes: "in100" }), [128117, 5000, 100]);
  assertEqual(await counts("cifar10", { train: 5000, test: 2000 }), [5000, 2000, 10]);
  assertEqual(await counts("evidence", { classes: 5 }), [25000, 5000, 5]);
  assertEqual(await counts("tinyimagenet", { classes: "tiny100" }), [50000, 5000, 100]);
  await assertRejects(() => counts("cifar10", { train: 60000 }), "Cannot take 60000 training images of CIFAR-10");
  await assertRejects(() => counts("cifar10", { classes: 11 }), "want a number from 1 to 10");
});

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

Deno.test("Ctrl-C in pre-training ends with 130 at the next step, and keeps finished phases whole", () =>
  inFolder(async (folder) => {
    // Short enough that the first row ends soon, long enough that the second does not end before the signal comes.
    const flags = [...TINY_CI, ...settings({ "pretrain.epochs": 30 }), "--rows", "localmim,vitfreeze"];
    const running = follow(folder, ...flags, "--out", "kept");
    await running.says("ViTFreeze seed 0  pretrain");
    const { code, seconds, err } = await interrupt(running);
    assertEqual(code, 130, err);
    assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
    const files = await filesBelow(`${folder}/kept`), { pretrain, finetune } = await recordsOf(`${folder}/kept`);
    assertEqual([files.length, pretrain.length, finetune.length], [2, 1, 1]);
    assertEqual(finetune[0].phase.from?.key, pretrain[0].key);
    const idOf = async (key: string) =>
      (await loadRecords(`${folder}/kept`)).find(({ record }) => record.key === key)!.id;
    const last = new RegExp(
      "\\ninterrupted; ViTFreeze seed 0 is saved in runs/pretrain-localmim-[0-9a-f]{12}, after step \\d+ of pre-training\\n" +
        `finished:\\n  LocalMIM-HOG seed 0, pre-training: kept/${
          (await idOf(pretrain[0].key)).slice(0, 8)
        }\\*.json\\n` +
        `  LocalMIM-HOG seed 0, fine-tuning: kept/${(await idOf(finetune[0].key)).slice(0, 8)}\\*.json\\n` +
        "The same command goes on from there.\\n$",
    );
    assertTrue(last.test(err), err);
    assertEqual((await run("verify", folder, "kept")).code, 0);
  }));

Deno.test("a signal in the first row saves it, in pre-training and in fine-tuning, and the same command ends it as if nothing was", () =>
  inFolder(async (folder) => {
    const cases: [
      phase: "pretrain" | "finetune",
      words: string,
      signal: Deno.Signal,
      code: number,
      changes: string[],
    ][] = [
      ["pretrain", "pre-training", "SIGTERM", 143, settings({ "pretrain.epochs": 40 })],
      ["finetune", "fine-tuning", "SIGUSR2", 75, settings({ "pretrain.epochs": 1, "finetune.epochs": 40 })],
    ];
    for (const [phase, words, signal, wanted, changes] of cases) {
      const flags = [...TINY_CI, ...changes, "--rows", "localmim", "--run", `run-${phase}`, "--out", phase];
      const running = follow(folder, ...flags);
      await running.says(`LocalMIM-HOG seed 0  ${phase}`);
      const { code, seconds, err } = await interrupt(running, signal);
      assertEqual(code, wanted, err);
      assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
      const [, steps, finished] = new RegExp(
        `\ninterrupted; LocalMIM-HOG seed 0 is saved in run-${phase}/${phase}-localmim-[0-9a-f]{12}, after step (\\d+) of ${words}\n` +
          "((?:finished:\n  LocalMIM-HOG seed 0, pre-training: finetune/[0-9a-f]{8}\\*\\.json\n)?)The same command goes on from there.\n$",
      ).exec(err) ?? [];
      assertTrue(Number(steps) > 0, err);
      assertEqual(
        [finished !== "", (await filesBelow(`${folder}/${phase}`)).length],
        phase === "pretrain" ? [false, 0] : [true, 1],
      );
      // Another config is another phase: it begins, and this one stays as it is.
      const other = await repro(
        folder,
        "thesis.table17",
        ...flags,
        ...settings({ [`${phase}.minLr`]: 0 }),
        "--out",
        "other",
      );
      assertEqual(other[0].phases.map(({ taken }) => taken), phase === "pretrain" ? [false, false] : [true, false]);
      const [row] = await repro(folder, "thesis.table17", ...flags, "--resume");
      assertEqual(row.phases.map(({ taken }) => taken), phase === "pretrain" ? [false, false] : [true, false]);
      const { pretrain: [pretrain], finetune: [finetune] } = await recordsOf(`${folder}/${phase}`);
      // Once more: the run is over, so nothing is run, and the records are the same files.
      const [again] = await repro(folder, "thesis.table17", ...flags);
      assertEqual(again.phases, row.phases.map((each) => ({ ...each, taken: true })));
      await runWell("table17", folder, ...flags, "--out", "straight", "--run", "straight-run");
      const straight = await recordsOf(`${folder}/straight`);
      assertEqual([pretrain, finetune].map(coreHash), [straight.pretrain[0], straight.finetune[0]].map(coreHash));
      for (const name of ["straight", "straight-run"]) await Deno.remove(`${folder}/${name}`, { recursive: true });
    }
  }));

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

Deno.test({
  name: "Ctrl-C while the data are opened ends with 130 and leaves nothing",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      // An archive of a terabyte, none of which is on the disk: it takes a quarter of an hour to read.
      await Deno.writeTextFile(`${folder}/photos.tar`, "");
      await Deno.truncate(`${folder}/photos.tar`, 1e12);
      const running = follow(folder, "--profile", "cifar10", ...TINY, "--threads", "1024", "--data", "photos.tar");
      await running.says("more threads than cores"); // the last words before the data are opened
      const { code, seconds, err } = await interrupt(running);
      assertEqual(code, 130, err);
      assertTrue(err.endsWith("slower\ninterrupted; no phase was finished, nothing was under way\n"), err);
      assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
      assertEqual(await filesBelow(folder), ["photos.tar"]);
    }),
});
