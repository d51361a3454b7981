import { loadModel } from "../commands/visualize/model.ts";
import { coreHash } from "../records/identity.ts";
import { loadRecords, readRecord } from "../records/store.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell, settings, spawn, TINY_CI as TINY_SCALE } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";
import { appears, contents, folderOf, phasesByKey, planned, recordsOf, repro, type RunLine } from "./reproTools.ts";

/** Records apart from the folders of phases, which are compared. */
const TINY_CI = [...TINY_SCALE, "--out", "results"];

/** Long enough that 50, 70 and 90 % of the epochs are three different ones. */
const TEN = [...TINY_CI, ...settings({ "pretrain.epochs": 10 })];
const LOCALMIM = [...TINY_CI, "--rows", "localmim"];

/** Kinds of the phases that were trained, and of those that were taken, each once, sorted. */
function trainedAndTaken(runs: readonly RunLine[]): [string[], string[]] {
  const phases = [...phasesByKey(runs).values()];
  const kinds = (taken: boolean) => phases.filter((each) => each.taken === taken).map(({ kind }) => kind).sort();
  return [kinds(false), kinds(true)];
}

Deno.test("Table 11 after Table 17 trains its three early-stop fine-tunings alone, from the weights that were kept", () =>
  inFolder(async (folder) => {
    const first = await repro(folder, "thesis.table17", ...TEN, "--rows", "localmim,vitfreeze,vitfreeze_unscaled");
    assertEqual(trainedAndTaken(first), [
      ["finetune", "finetune", "finetune", "pretrain", "pretrain", "pretrain"],
      [],
    ]);
    const before = await contents(`${folder}/runs`), results = await contents(`${folder}/results`);
    const second = await repro(folder, "thesis.table11", ...TEN), early = ["localmim_50", "localmim_70", "localmim_90"];
    assertEqual(second.map(({ row }) => row), [...early, "localmim_100", "vitfreeze", "vitfreeze_unscaled"]);
    for (const { row, phases } of second) {
      assertEqual(phases.map(({ kind, taken }) => [kind, taken]), [
        ["pretrain", true],
        ["finetune", !early.includes(row)],
      ]);
    }
    // What was taken is what the first command left: the same phases, ids and files.
    const taken = new Set([...phasesByKey(second).values()].filter(({ taken }) => taken).map(({ id }) => id));
    assertEqual(taken, new Set([...phasesByKey(first).values()].map(({ id }) => id)));
    const after = await contents(`${folder}/runs`);
    for (const [name, content] of Object.entries(before)) assertEqual(after[name], content, name);
    const added = second.slice(0, 3).map(({ phases }) => folderOf(phases[1])).sort();
    const news = Object.keys(after).filter((name) => !(name in before)).map((name) => name.split("/")[0]);
    assertEqual([...new Set(news)].sort(), added);
    assertEqual(Object.keys(await contents(`${folder}/results`)).length, 6 + 3);
    for (const name of Object.keys(results)) assertTrue(name in await contents(`${folder}/results`), name);

    // Each starts from the file of its epoch, which holds what the record of the pre-training says.
    const [{ phases: [shared] }] = second, { record: pretraining } = await readRecord(`${folder}/${shared.path}`);
    assertEqual(Object.keys(pretraining.weights), ["5", "7", "9", "10"]);
    assertEqual(new Set(Object.values(pretraining.weights)).size, 4);
    const kept = Object.keys(after).filter((name) => name.startsWith(`${folderOf(shared)}/weights-`)).sort();
    assertEqual(kept, ["10", "5", "7", "9"].map((epochs) => `${folderOf(shared)}/weights-${epochs}.safetensors`));
    for (const [k, epochs] of [5, 7, 9].entries()) {
      const { record } = await readRecord(`${folder}/${second[k].phases[1].path}`);
      assertEqual([record.phase.from, record.startedFrom], [{ key: shared.key, epochs }, shared.id]);
      assertEqual(record.asked.experiment, "thesis.table11");
      assertAlmostEqual(second[k].secondsPerEpoch! * epochs, second[k].seconds!, 1e-12); // a rounding error
    }
    // Weights of different epochs make different classifiers.
    assertEqual(new Set(second.map(({ loss }) => loss)).size, second.length);

    // Weights of another epoch under the name of these are noticed.
    const early5 = second[0].phases[1];
    await Deno.copyFile(
      `${folder}/runs/${folderOf(shared)}/weights-7.safetensors`,
      `${folder}/runs/${folderOf(shared)}/weights-5.safetensors`,
    );
    const phase = ["--phase", early5.key, "--fresh"];
    const { code, err } = await run("repro", folder, "thesis.table11", ...TEN, ...phase);
    const wrong = `error: Cannot use runs/${folderOf(shared)}/weights-5.safetensors: the SHA-256 of its weights is ` +
      `${pretraining.weights[7]}, want ${pretraining.weights[5]} as recorded\n`;
    assertEqual([code, err.endsWith(wrong)], [1, true], err);
  }));

Deno.test("the same command again trains nothing and gives the same records, also where the records' folder was lost", () =>
  inFolder(async (folder) => {
    const first = await repro(folder, "thesis.table17", ...LOCALMIM);
    const runs = await contents(`${folder}/runs`), results = await contents(`${folder}/results`);
    await Deno.remove(`${folder}/results`, { recursive: true });
    const { out, err } = await runWell("table17", folder, ...LOCALMIM);
    assertEqual(err, "");
    assertTrue(
      out.includes("\n0 phases were run, 2 were finished before; records are in results, weights in runs:\n"),
      out,
    );
    const second = await repro(folder, "thesis.table17", ...LOCALMIM);
    assertEqual(second, first.map((row) => ({ ...row, phases: row.phases.map((each) => ({ ...each, taken: true })) })));
    const bytes = (all: Record<string, string>) =>
      Object.entries(all).map(([name, text]) => [name, text.split(" ")[0]]);
    assertEqual([await contents(`${folder}/runs`), bytes(await contents(`${folder}/results`))], [runs, bytes(results)]);
  }));

Deno.test("another --set works in folders of its own, and shares what it does not change", () =>
  inFolder(async (folder) => {
    await repro(folder, "thesis.table17", ...LOCALMIM);
    const before = await contents(folder);
    const changed: [Record<string, unknown>, [string[], string[]]][] = [
      [{ "pretrain.baseLr": 0.01 }, [["finetune", "pretrain"], []]],
      [{ "finetune.lr": 0.001 }, [["finetune"], ["pretrain"]]],
      [{ "data.test": 11 }, [["finetune"], ["pretrain"]]],
      [{ "finetune.lr": 0.001, "pretrain.baseLr": 0.01 }, [["finetune"], ["pretrain"]]],
    ];
    for (const [changes, wanted] of changed) {
      const runs = await repro(folder, "thesis.table17", ...LOCALMIM, ...settings(changes));
      assertEqual(trainedAndTaken(runs), wanted, JSON.stringify(changes));
    }
    const after = await contents(folder);
    for (const [name, content] of Object.entries(before)) {
      // A record is written again, as the same bytes, by each command that takes it.
      const same = name.startsWith("results/")
        ? after[name].split(" ")[0] === content.split(" ")[0]
        : after[name] === content;
      assertTrue(same, `${name} has changed`);
    }
    const folders = new Set((await filesBelow(`${folder}/runs`)).map((name) => name.split("/")[0]));
    assertEqual([folders.size, (await filesBelow(`${folder}/results`)).length], [2 + 5, 2 + 5]);
  }));

Deno.test("--fresh says in one line what it replaces, and replaces the wanted phases only", () =>
  inFolder(async (folder) => {
    const [old] = await repro(folder, "thesis.table17", ...LOCALMIM, "--threads", "1");
    const [other] = await repro(folder, "thesis.table17", ...TINY_CI, "--rows", "vitfreeze");
    // Something unfinished: an interrupted run of another length.
    const long = [...TINY_CI, ...settings({ "pretrain.epochs": 60 }), "--rows", "localmim"];
    const child = spawn("table17", folder, [...long, "--every", "0"]);
    const unfinished = planned(...long)[0];
    await appears(`${folder}/runs/${folderOf(unfinished)}/latest.json`);
    child.kill("SIGKILL");
    await child.output();
    const before = await contents(`${folder}/runs`);
    const { err } = await runWell("table17", folder, ...LOCALMIM, "--threads", "1", "--fresh");
    const said = err.split("\n").filter((line) => line.startsWith("warning: ")),
      ends = await Promise.all(
        old.phases.map(async ({ path }) => (await readRecord(`${folder}/${path}`)).record.end),
      );
    assertEqual(
      said,
      old.phases.map((phase, k) =>
        `warning: --fresh replaces the finished phase ${phase.id.slice(0, 12)} of ${ends[k]} in runs/${folderOf(phase)}`
      ),
    );
    const after = await contents(`${folder}/runs`), replaced = old.phases.map(folderOf);
    for (const name of Object.keys(before)) {
      const mine = replaced.includes(name.split("/")[0]);
      assertEqual(before[name] === after[name], !mine, name);
    }
    assertTrue(other.phases.every((phase) => `${folderOf(phase)}/record.json` in after), "want the other row kept");
    // Two records of each phase, which computed the same.
    const { pretrain, finetune } = await recordsOf(`${folder}/results`), [{ key }] = old.phases;
    const twins = pretrain.filter((record) => record.key === key);
    assertEqual([pretrain.length, finetune.length, twins.length], [3, 3, 2]);
    assertEqual(coreHash(twins[0]), coreHash(twins[1]));

    const unfinishedAgain = await runWell("table17", folder, ...long, "--fresh");
    const line = new RegExp(
      `^warning: --fresh replaces an unfinished phase after \\d+ steps in runs/${folderOf(unfinished)}$`,
      "m",
    );
    assertTrue(line.test(unfinishedAgain.err), unfinishedAgain.err);
    assertEqual(unfinishedAgain.err.match(/^warning: /gm)?.length, 1); // fine-tuning had not begun
  }));

Deno.test("fine-tuning on a part of the images leaves the pre-training on all of them as it is", () =>
  inFolder(async (folder) => {
    const part = settings({ "finetune.data.train": 24 });
    const [all] = await repro(folder, "thesis.table17", ...LOCALMIM);
    const [some] = await repro(folder, "thesis.table17", ...LOCALMIM, ...part);
    assertEqual(some.phases.map(({ kind, taken }) => [kind, taken]), [["pretrain", true], ["finetune", false]]);
    assertEqual([all.phases[0].key, all.phases[1].key === some.phases[1].key], [some.phases[0].key, false]);
    const images = async ({ phases }: RunLine) =>
      await Promise.all(phases.map(async ({ path }) => {
        const { record: { dataset: { train, test }, phase: { data }, epochs } } = await readRecord(`${folder}/${path}`);
        return { train, test, asked: data.train, steps: epochs[0].iterations };
      }));
    assertEqual(await images(all), [
      { train: 32, test: 0, asked: 32, steps: 4 },
      { train: 32, test: 12, asked: 32, steps: 4 },
    ]);
    assertEqual((await images(some))[1], { train: 24, test: 12, asked: 24, steps: 3 });
    const { err } = await run("table17", folder, ...LOCALMIM, ...settings({ "finetune.data.train": 7 }));
    assertEqual(err, "error: Cannot fill a batch of 8 images: the training set has 7\n");
  }));

Deno.test("--phase runs one phase, by twelve digits of its key or more, and waits for its start with exit code 69", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim,vitfreeze"];
    const [pretrain, finetune, other] = planned(...flags);
    const early = await run("table17", folder, ...flags, "--phase", finetune.key, "--fresh");
    assertEqual([early.code, early.err], [
      69,
      `error: Cannot run runs/${folderOf(finetune)}: its start runs/${
        folderOf(pretrain)
      } is not finished, want it run first\n`,
    ]);
    assertEqual(await filesBelow(folder), [`runs/${folderOf(finetune)}/lock`]);
    await runWell("table17", folder, ...flags, "--phase", pretrain.key.slice(0, 12));
    const [{ record: { key, weights } }] = await loadRecords(`${folder}/results`);
    assertEqual([key, Object.keys(weights)], [pretrain.key, ["1", "2"]]);
    const [row] = await repro(folder, "thesis.table17", ...flags, "--phase", finetune.key);
    assertEqual(row.phases.map(({ kind, id, taken }) => [kind, id !== null, taken]), [
      ["pretrain", false, null as unknown as boolean],
      ["finetune", true, false],
    ]);
    const { finetune: [{ startedFrom }] } = await recordsOf(`${folder}/results`);
    assertEqual(startedFrom, (await loadRecords(`${folder}/results`)).find(({ record }) => record.key === key)!.id);
    // The whole command takes what was run phase by phase.
    const whole = await repro(folder, "thesis.table17", ...flags);
    assertEqual(phasesByKey(whole).get(pretrain.key)?.taken, true);
    assertEqual(phasesByKey(whole).get(other.key)?.taken, false);
  }));

Deno.test("two processes that want the same phases: one works, the other is told who, or waits and takes what it left", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, ...settings({ "pretrain.epochs": 30 }), "--rows", "localmim", "--json"];
    const first = spawn("table17", folder, flags), [phase] = planned(...flags);
    await appears(`${folder}/runs/${folderOf(phase)}/phase.json`);
    const told = await run("table17", folder, ...flags);
    const words = new RegExp(
      `^error: Cannot use run folder runs/${folderOf(phase)}: process ${first.pid} on \\S+, started [0-9T:.-]+Z, ` +
        "works there, want it ended, --wait, or another --run\\n$",
    );
    assertEqual([told.code, words.test(told.err)], [1, true], told.err);
    const waiting = await run("table17", folder, ...flags, "--wait"), { code, stdout } = await first.output();
    assertEqual([code, waiting.code], [0, 0], waiting.err);
    assertTrue(
      new RegExp(`^warning: process ${first.pid} on .* works in runs/.*; this run goes on when that has ended$`, "m")
        .test(waiting.err),
      waiting.err,
    );
    const rows: RunLine[][] = [new TextDecoder().decode(stdout), waiting.out].map((text) => JSON.parse(text).rows);
    const [mine, theirs] = rows.map((runs) => [...phasesByKey(runs).values()]);
    assertEqual(mine.map(({ key, id }) => [key, id]), theirs.map(({ key, id }) => [key, id]));
    // Whoever comes first to a phase trains it, once.
    assertEqual(mine.map(({ taken }, k) => [taken, theirs[k].taken].sort()), mine.map(() => [false, true]));
    assertEqual(theirs[0].taken, true);
    assertEqual((await loadRecords(`${folder}/results`)).length, 2);
  }));

Deno.test("weights of an early stop that were not kept are made again, the same ones, and nothing else is", () =>
  inFolder(async (folder) => {
    const [{ phases: [pre] }] = await repro(folder, "thesis.table17", ...TEN, "--rows", "localmim");
    const before = await contents(`${folder}/runs`), lost = `${folderOf(pre)}/weights-7.safetensors`;
    await Deno.remove(`${folder}/runs/${lost}`);
    const flags = [...TEN, "--rows", "localmim_70", "--json"];
    const { out, err } = await runWell("repro", folder, "thesis.table11", ...flags);
    const said = `warning: runs/${folderOf(pre)} kept no weights after epoch 7: it is trained again up to there\n`;
    assertTrue(err.includes(said), err);
    assertTrue(!err.includes("pretrain  8/10"), "it was trained beyond the epoch that is wanted");
    const [{ phases }] = JSON.parse(out).rows as RunLine[];
    assertEqual(phases.map(({ kind, taken }) => [kind, taken]), [["pretrain", true], ["finetune", false]]);
    const after = await contents(`${folder}/runs`), hash = (each: Record<string, string>) => each[lost].split(" ")[0];
    assertEqual(hash(after), hash(before));
    for (const name of Object.keys(before).filter((name) => name !== lost)) {
      assertEqual(after[name], before[name], name);
    }

    // Where the weights on the way are not the recorded ones, nothing is left.
    const record = `${folder}/runs/${folderOf(pre)}/record.json`, text = await Deno.readTextFile(record);
    const five = JSON.parse(text).weights[5];
    await Deno.remove(`${folder}/runs/${lost}`);
    await Deno.writeTextFile(record, text.replace(five, "0".repeat(64)));
    const wrong = await run("repro", folder, "thesis.table11", ...flags, "--fresh", "--phase", phases[1].key);
    assertTrue(wrong.code !== 0, wrong.err);
    const replayed = await run("repro", folder, "thesis.table11", ...flags);
    assertTrue(replayed.err.includes(`after epoch 5 the SHA-256 of its weights is ${five}, want 0000`), replayed.err);
    assertEqual([replayed.code, await Deno.stat(`${folder}/runs/${lost}`).then(() => true, () => false)], [1, false]);
  }));

Deno.test("weights that are not those of the record beside them are neither exported nor drawn", () =>
  inFolder(async (folder) => {
    const [{ phases }] = await repro(folder, "thesis.table17", ...LOCALMIM, "--set", "pretrain.epochs=4");
    const phase = `runs/${folderOf(phases.find(({ kind }) => kind === "pretrain")!)}`, to = ["--to", "out.safetensors"];
    await runWell("weights:export", folder, phase, ...to);
    await Deno.copyFile(`${folder}/${phase}/weights-2.safetensors`, `${folder}/${phase}/weights-4.safetensors`);
    const { pretrain: [{ weights }] } = await recordsOf(`${folder}/results`);
    const wanted = ["the SHA-256 of its weights is ", `want ${weights[4]} as recorded`];
    assertRefused(await run("weights:export", folder, phase, ...to), ...wanted);
    await assertRejects(() => loadModel(`${folder}/${phase}`), wanted[1]);
  }));
