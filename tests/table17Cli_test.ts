import { coreHash } from "../records/identity.ts";
import { loadResults, readResult } from "../records/store.ts";
import type { RunResult } from "../records/schema.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
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

/** What `--json` prints of a row. */
type Row = { row: string; seed: number; id: string; path: string } & Record<string, number | null>;

/** A step takes a hundredth of this; a busy machine may be slow to end a process. */
const SECONDS_TO_STOP = 5;

Deno.test("repro:table17 prints what it runs, the table and where the results are, and no library says a word", () =>
  inFolder(async (folder) => {
    const { out, err } = await runWell("table17", folder, ...TINY_CI, "--rows", "localmim,vitfreeze", "--seeds", "2");
    const lines = out.split("\n");
    assertEqual(lines[0], "Table 17, profile ci: rows localmim, vitfreeze; seeds 0, 1");
    assertTrue(/^engine compiled: onnxruntime-cpu \d+\.\d+\.\d+, threads: \d+$/.test(lines[1]), lines[1]);
    assertEqual(lines[2], "data procedural: 32 training and 12 test images, 12 classes");
    assertTrue(out.includes("\n  epochs: 2\n  warmupEpochs: 0.5\n  batch: 8\n"), out);
    const table = lines.slice(lines.findIndex((line) => /^ +published +ours \(profile ci\)$/.test(line)) + 1);
    const words = table.slice(0, 5).map((line) => line.trim().split(/ {2,}/));
    assertEqual(words[0], ["ratio", "top-1", "top-5", "drop", "s/ep", "ratio", "top-1", "top-5", "drop", "n"]);
    assertEqual(words.slice(1).map((cells) => cells[0] + cells.at(-1)), [
      "LocalMIM-HOG2",
      "ViTFreeze2",
      "ViTFreeze w/o LR scaling0",
      "ViTFreeze w/ SR-LR0",
    ]);
    // Progress of every row and seed, and nothing else.
    const progress = /^(LocalMIM-HOG|ViTFreeze) seed [01] {2}(pretrain [12]\/2|finetune 1\/1|evaluate 1\/1) .* ETA .*$/;
    assertEqual(err.trimEnd().split("\n").filter((line) => !progress.test(line)), []);
    assertTrue(err.includes("LocalMIM-HOG seed 0") && err.includes("ViTFreeze seed 1"), err);
    const files = await filesBelow(`${folder}/results`);
    const named = [...out.matchAll(/^(?:Results: | {9})(results\/\w+\.json)$/gm)].map(([, path]) => path);
    assertEqual(named.sort(), files.map((name) => `results/${name}`));
    assertEqual([files.length, (await runWell("verify", folder)).out.endsWith("4 verified, 0 failed\n")], [4, true]);
  }));

Deno.test("repro:table17 computes the same from one seed, and something else from another", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim"];
    await runWell("table17", folder, ...flags, "--seeds", "2", "--out", "first");
    await runWell("table17", folder, ...flags, "--out", "second");
    const hashes = async (name: string) => {
      const results = (await loadResults(`${folder}/${name}`)).map(({ result }) => result);
      return Object.fromEntries(results.map((result) => [result.seed, coreHash(result)]));
    };
    const first = await hashes("first"), second = await hashes("second");
    assertEqual([Object.keys(first), Object.keys(second)], [["0", "1"], ["0"]]);
    assertEqual(first[0], second[0]);
    assertTrue(first[0] !== first[1], "two seeds gave the same result");
  }));

Deno.test("repro:table17 --json prints one object with the ids, values and ratios of the rows", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim,vitfreeze", "--json", "--out", `${folder}/deep/er`];
    const { out, err } = await runWell("table17", folder, ...flags);
    const { experiment, profile, config, rows } = JSON.parse(out) as Record<string, unknown> & { rows: Row[] };
    assertEqual([experiment, profile], ["table17", "ci"]);
    assertEqual((config as { pretrain: { batch: number } }).pretrain.batch, 8);
    assertEqual(rows.map(({ row, seed }) => [row, seed]), [["localmim", 0], ["vitfreeze", 0]]);
    for (const { id, path, seconds, secondsPerEpoch, timeRatio, top1, top5, top1Drop, loss } of rows) {
      assertEqual(path, `deep/er/${id}.json`);
      const { result } = await readResult(`${folder}/${path}`);
      const spent = result.pretrain.epochs.map(({ seconds: { hog, step, optimizer } }) => hog + step + optimizer);
      // Sums of two addends in another order: a rounding error at most.
      assertAlmostEqual(seconds!, spent[0] + spent[1], 1e-12);
      assertAlmostEqual(secondsPerEpoch!, seconds! / 2, 1e-12);
      assertAlmostEqual(timeRatio!, seconds! / rows[0].seconds!, 1e-12);
      assertEqual([top1, top5, loss], [result.evaluation.top1, result.evaluation.top5, result.evaluation.loss]);
      assertEqual(top1Drop, rows[0].top1! - top1!);
    }
    assertTrue(err.includes("ViTFreeze seed 0  finetune"), err);
  }));

Deno.test("repro:table17 with freeze.t0 = 1 makes ViTFreeze and LocalMIM one and the same", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, ...settings({ "freeze.t0": 1 }), "--rows", "localmim,vitfreeze_unscaled"];
    await runWell("table17", folder, ...flags);
    const [one, other] = (await loadResults(`${folder}/results`)).map(({ result }) => result);
    assertTrue(one.row !== other.row, "want two rows");
    assertEqual([one.weights, one.evaluation, one.events], [other.weights, other.evaluation, other.events]);
  }));

Deno.test("repro:table17 --engine eager runs to the end, with the losses of the compiled engine", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, ...settings({ "data.train": 16, "pretrain.epochs": 1, "model.imageSize": 16 })];
    const row = ["--rows", "vitfreeze"];
    const of = async (engine: string): Promise<RunResult> => {
      const { err } = await runWell("table17", folder, ...flags, ...row, "--engine", engine, "--out", engine);
      assertEqual(err.split("\n").filter((line) => line && !line.startsWith("ViTFreeze seed 0  ")), []);
      return (await loadResults(`${folder}/${engine}`))[0].result;
    };
    const compiled = await of("compiled"), eager = await of("eager");
    assertEqual([compiled.engine.name, eager.engine.name, eager.engine.backend], ["compiled", "eager", "cpu"]);
    const losses = ({ pretrain, finetune, evaluation }: RunResult) =>
      [...pretrain.epochs.flatMap(({ lossPerStage }) => lossPerStage), finetune.epochs[0].loss, evaluation.loss].map(
        Number,
      );
    // Both sum in float32, in different orders, over a few optimiser steps.
    losses(eager).forEach((loss, i) => {
      const wanted = losses(compiled)[i];
      assertAlmostEqual(loss, wanted, 1e-3 * wanted, `loss ${i}`);
    });
    assertEqual(losses(eager).length, 6);
  }));

Deno.test("repro:table17 --predict prints the predicted time and stops", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim,vitfreeze", "--predict"];
    const { out, err } = await runWell("table17", folder, ...flags);
    const [config, prediction] = out.split("\nPredicted time on this machine, for each seed (");
    assertTrue(config.startsWith("Table 17, profile ci: "), config);
    assertEqual(prediction.trimEnd().split("\n").slice(2).map((line) => line.replace(/\d+ m?i?n? ?\d* ?s/, "time")), [
      "  LocalMIM-HOG  time",
      "  ViTFreeze     time",
    ]);
    assertEqual([err, await filesBelow(`${folder}/results`)], ["", []]);

    const json = await runWell("table17", folder, ...flags, "--json", "--set", "finetune.epochs=2");
    const { predictedSeconds, secondsPerImage, rows } = JSON.parse(json.out);
    // Steps of a frozen ViTFreeze are shorter: by how much its layers tell, whatever the machine.
    const { localmim, vitfreeze } = predictedSeconds, finetuning = 2 * 32 * secondsPerImage.finetune;
    assertAlmostEqual(localmim, 2 * 32 * secondsPerImage.pretrain + finetuning, 1e-9 * localmim);
    assertTrue(vitfreeze < localmim && vitfreeze > finetuning, `${vitfreeze} s, LocalMIM ${localmim} s`);
    assertEqual([rows, json.err, await filesBelow(`${folder}/results`)], [undefined, "", []]);
  }));

Deno.test("repro:table17 --profile paper predicts its cost before it runs, with --json on stderr", () =>
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

Deno.test("Ctrl-C in pre-training ends with 130 at the next step, and keeps finished rows whole", () =>
  inFolder(async (folder) => {
    // Short enough that the first row ends soon, long enough that the second does not end before the signal comes.
    const flags = [...TINY_CI, ...settings({ "pretrain.epochs": 30 }), "--rows", "localmim,vitfreeze"];
    const running = follow(folder, ...flags, "--out", "kept");
    await running.says("ViTFreeze seed 0  pretrain");
    const { code, seconds, err } = await interrupt(running);
    assertEqual(code, 130, err);
    assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
    const files = await filesBelow(`${folder}/kept`), [{ result }] = await loadResults(`${folder}/kept`);
    assertEqual([files.length, result.row], [1, "localmim"]);
    const last = new RegExp(
      "\\ninterrupted; ViTFreeze seed 0 is saved in runs/table17-ci/vitfreeze-seed0, after step \\d+ of pre-training\\n" +
        `finished:\\n  LocalMIM-HOG, seed 0: kept/${files[0]}\\nThe same command with --resume goes on from there.\\n$`,
    );
    assertTrue(last.test(err), err);
    assertEqual((await run("verify", folder, "kept")).code, 0);
  }));

Deno.test("a signal in the first row saves it, in pre-training and in fine-tuning, and --resume ends it as if nothing was", () =>
  inFolder(async (folder) => {
    const cases: [phase: string, words: string, signal: Deno.Signal, code: number, changes: string[]][] = [
      ["pretrain", "pre-training", "SIGTERM", 143, settings({ "pretrain.epochs": 60 })],
      ["finetune", "fine-tuning", "SIGUSR2", 75, settings({ "pretrain.epochs": 1, "finetune.epochs": 60 })],
    ];
    for (const [phase, words, signal, wanted, changes] of cases) {
      const flags = [...TINY_CI, ...changes, "--rows", "localmim", "--run", `run-${phase}`];
      const running = follow(folder, ...flags, "--out", phase);
      await running.says(`LocalMIM-HOG seed 0  ${phase}`);
      const { code, seconds, err } = await interrupt(running, signal);
      assertEqual(code, wanted, err);
      assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
      const end = new RegExp(
        `\ninterrupted; LocalMIM-HOG seed 0 is saved in run-${phase}/localmim-seed0, after step \\d+ of ${words}\n` +
          "The same command with --resume goes on from there.\n$",
      );
      assertTrue(end.test(err), err);
      assertEqual(await filesBelow(`${folder}/${phase}`), []);
      assertRefused(await run("table17", folder, ...flags), "holds an unfinished one", "--resume to go on", "--fresh");
      const other = [...flags, ...settings({ "pretrain.minLr": 0 }), "--resume"];
      assertRefused(
        await run("table17", folder, ...other),
        "config.pretrain.minLr is 0.000001 in checkpoint-",
        ", 0 now",
      );
      await runWell("table17", folder, ...flags, "--out", phase, "--resume");
      const [{ result, id }] = await loadResults(`${folder}/${phase}`);
      // Once more: the run is over, so nothing is run, and the result is the same file.
      const again = JSON.parse((await runWell("table17", folder, ...flags, "--out", phase, "--resume", "--json")).out);
      assertEqual(again.rows.map((row: Row) => row.id), [id]);
      await runWell("table17", folder, ...flags, "--out", "straight", "--run", "straight");
      const straight = (await loadResults(`${folder}/straight`)).at(-1)!.result;
      assertEqual([result.weights, result.evaluation, result.events], [
        straight.weights,
        straight.evaluation,
        straight.events,
      ]);
      await Deno.remove(`${folder}/straight`, { recursive: true });
    }
  }));

Deno.test("flags of checkpoints without effect, and values out of range, are refused", () =>
  inFolder(async (folder) => {
    const cases: [string[], string][] = [
      [["--resume", "--fresh"], "Cannot use --resume and --fresh together"],
      [["--any-code"], "Cannot use --any-code: it has no effect with a run that does not --resume"],
      [["--predict", "--keep", "3"], "Cannot use --keep: it has no effect with --predict"],
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
      // An archive that never comes to an end.
      await new Deno.Command("mkfifo", { args: [`${folder}/photos.tar`] }).output();
      const running = follow(folder, "--profile", "cifar10", ...TINY, "--data", "photos.tar");
      using _ = await Deno.open(`${folder}/photos.tar`, { write: true }); // returns when it is opened for reading
      const { code, seconds, err } = await interrupt(running);
      assertEqual([code, err], [130, "interrupted; no row was finished, nothing was under way\n"]);
      assertTrue(seconds < SECONDS_TO_STOP, `${seconds} s`);
      assertEqual(await filesBelow(folder), ["photos.tar"]);
    }),
});
