import { parseGrid } from "../commands/grid/flags.ts";
import { phaseFolder } from "../training/phaseFolder.ts";
import { planGrid } from "../commands/grid/plan.ts";
import { denoWords } from "../commands/grid/processWords.ts";
import { loadRecords, recordFiles, saveRecord } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell, spawn, TINY_CI } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

/** A grid of the tiny model with other values of some of its keys; one row. */
function tiny(changes: Record<string, string>, ...words: string[]): string[] {
  const changed = TINY_CI.map((word) => {
    const [key] = word.split("=");
    return word.includes("=") && key in changes ? `${key}=${changes[key]}` : word;
  });
  return ["table17", ...changed, "--rows", "localmim", "--threads", "1", "--run", "g", ...words];
}

Deno.test("grid refuses a bad key before anything runs, and --dry-run writes nothing", () =>
  inFolder(async (folder) => {
    assertRefused(
      await run("grid", folder, ...tiny({}, "--rows", "vitfreeze", "--set", "freeze.t1=1,2")),
      "Cannot set unknown key freeze.t1",
    );
    const { out } = await runWell(
      "grid",
      folder,
      ...tiny({}, "--rows", "vitfreeze", "--set", "freeze.t0=0.5,0.8", "--dry-run", "--seeds", "2"),
    );
    assertTrue(out.startsWith("Grid of thesis.table17, profile ci: 8 phases\n"), out);
    assertTrue(/ {2}0\.8 +waiting\n/.test(out) && out.endsWith("8 waiting, 0 failed, 0 blocked\n"), out);
    assertEqual(await filesBelow(folder), []);
  }));

Deno.test("grid plans Table 20 within a second", () =>
  inFolder(async (folder) => {
    const begin = performance.now();
    await runWell("grid", folder, "table20", "--profile", "ci", "--dry-run");
    const spent = performance.now() - begin;
    // 0.2 s on an idle machine; the command itself has to be loaded, and a machine may be busy.
    assertTrue(spent < 1000, `it took ${spent.toFixed()} ms`);
  }));

Deno.test("grid runs what is missing, goes on past a phase that fails, and repairs a broken record", () =>
  inFolder(async (folder) => {
    // Four images are no batch of eight: the second pre-training fails once it has its data.
    const words = tiny({ "data.train": "16,4" }, "--name", "n");
    const first = await run("grid", folder, ...words, "--jobs", "2");
    assertEqual(first.code, 1, first.err);
    assertTrue(
      /failed after .* with exit code 1; .* g\/grids\/n\/logs\/.*:\n {4}error: Cannot fill /.test(first.err),
      first.err,
    );
    assertTrue(first.out.includes("\n2 phases done, 1 failed, 1 blocked.\n"), first.out);
    const shown = await runWell("grid", folder, "--run", "g", "--status");
    assertTrue(shown.out.includes("2 done, 0 running, 0 resumable, 0 waiting, 1 failed, 1 blocked"), shown.out);
    const kept = await loadRecords(`${folder}/g/results`),
      collected = await run("grid", folder, "--run", "g", "--collect");
    const { path } = kept.find(({ record }) => record.phase.kind === "pretrain")!,
      whole = await Deno.readTextFile(path);
    assertEqual(collected.code, 1);
    assertTrue(
      collected.out.includes("2 of 4 phases have a verified record; 2 missing, 0 doubled, 0 broken"),
      collected.out,
    );

    const good = tiny({ "data.train": "16" }, "--name", "n"), done = await runWell("grid", folder, ...good);
    assertTrue(done.out.endsWith("\nNothing to do.\n"), done.out);
    // A flipped digit in the kept record: it is copied again from the phase's folder, without training.
    await Deno.writeTextFile(path, whole.replace('"seed":0', '"seed":1'));
    const again = await runWell("grid", folder, ...good);
    assertTrue(/^warning: Cannot use g\/results\/.*: the SHA-256 of its content is /.test(again.err), again.err);
    assertEqual([(await recordFiles(`${folder}/g/results`)).length, await Deno.readTextFile(path)], [2, whole]);
    // Both broken: put aside, run anew, to the same weights.
    const before = kept.find(({ path: other }) => other === path)!.record;
    const left = (await filesBelow(`${folder}/g`)).find((name) => /^pretrain.*\/record\.json$/.test(name))!;
    await Deno.writeTextFile(`${folder}/g/${left}`, "{");
    await Deno.remove(path);
    const anew = await runWell("grid", folder, ...good);
    assertTrue(anew.err.includes(`${left}.broken, and the phase is run again`), anew.err);
    const now = (await loadRecords(`${folder}/g/results`)).filter(({ record: { phase } }) => phase.kind === "pretrain");
    assertEqual(now.map(({ record: { key, weights } }) => ({ key, weights })), [{
      key: before.key,
      weights: before.weights,
    }]);
    await runWell("grid", folder, "--run", "g", "--collect");
    // A second record of the phase, by whatever way it came there, is named.
    await saveRecord(`${folder}/g/results`, { ...now[0].record, end: "2001-01-01T00:00:00.000Z" });
    const doubled = await run("grid", folder, "--run", "g", "--collect");
    assertEqual(doubled.code, 1);
    assertTrue(doubled.out.includes("\ndoubled: pretrain-localmim-"), doubled.out);
  }));

Deno.test("grid takes the phases that another grid of the same folder has trained", () =>
  inFolder(async (folder) => {
    await runWell("grid", folder, ...tiny({ "finetune.epochs": "1" }));
    const { out, err } = await runWell("grid", folder, ...tiny({ "finetune.epochs": "1,2" }));
    assertTrue(out.includes("\n1 phase done, 0 failed.\n") && !err.includes("pretrain-"), out + err);
    await assertRefused(
      await run("grid", folder, "--run", "g", "--status"),
      "Cannot tell which grid of g: want --name ",
    );
  }));

Deno.test("grid stops its phases on Ctrl-C, which save, and goes on where they were", () =>
  inFolder(async (folder) => {
    const words = tiny({ "pretrain.epochs": "2000" }, "--jobs", "64");
    const child = spawn(
      "grid",
      folder,
      words.filter((word, i) => word !== "--threads" && words[i - 1] !== "--threads"),
    );
    const texts = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let err = "";
    while (!/pretrain +[3-9]\//.test(err) && !/pretrain +\d\d/.test(err)) {
      const { value, done } = await texts.read();
      assertTrue(!done, err);
      err += value;
    }
    child.kill("SIGINT");
    for (let part = await texts.read(); !part.done; part = await texts.read()) err += part.value;
    const [{ code }] = await Promise.all([child.status, child.stdout.cancel()]);
    assertEqual(code, 130);
    const last =
      /interrupted; what was under way is saved\. To go on: deno task grid --run g --name thesis\.table17-ci-\w+\n$/;
    assertTrue(last.test(err), err);
    const { out } = await runWell("grid", folder, "--run", "g", "--status");
    assertTrue(/ resumable at \d+ steps done\n/.test(out), out);
    // It goes on with the threads that it was begun with, however many run at a time now.
    const { out: script } = await runWell("grid", folder, "--run", "g", "--dry-run", "--slurm", "--cpus", "7");
    assertEqual(script.match(/ --threads \d+$/gm), [" --threads 1", " --threads 7"]);
  }));

/** Waits until a file is there and not empty, for a minute at most. */
async function written(path: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const size = await Deno.stat(path).then(({ size }) => size, () => 0);
    if (size > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited a minute for ${path}`);
}

/** The pre-training of a grid: words of Deno that run it, and its folder. */
function pretraining(words: string[]): { words: string[]; folder: string } {
  const { request } = parseGrid(words), [cell] = planGrid(request!).cells;
  return { words: denoWords(request!, { run: "g", out: "g/results" }, cell, 1), folder: phaseFolder("g", cell.phase) };
}

/** Runs this program's own Deno in a folder. */
async function deno(folder: string, args: readonly string[]): Promise<{ code: number; err: string }> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: folder, env: { NO_COLOR: "1" } });
  const { code, stderr } = await command.output();
  return { code, err: new TextDecoder().decode(stderr) };
}

Deno.test("grid: a phase's process says that its start is unfinished, with exit code 69", () =>
  inFolder(async (folder) => {
    const { request } = parseGrid(tiny({})), [, cell] = planGrid(request!).cells;
    const { code, err } = await deno(folder, denoWords(request!, { run: "g", out: "g/results" }, cell, 1));
    assertEqual(code, 69);
    assertTrue(/^error: [^\n]*its start [^\n]* is not finished[^\n]*\n$/m.test(err), err);
  }));

Deno.test("grid: a second process of a phase waits for the first, and takes its record", () =>
  inFolder(async (folder) => {
    const words = tiny({ "pretrain.epochs": "40" }), phase = pretraining(words);
    const first = deno(folder, phase.words);
    await written(`${folder}/${phase.folder}/lock`);
    const status = await runWell("grid", folder, ...words, "--status");
    assertTrue(/ running: by process \d+ on .*, started .*Z\n/.test(status.out), status.out);
    const second = await runWell("grid", folder, ...words);
    assertTrue(
      / warning: process \d+ on .* works in g\/pretrain-localmim-.*; this run goes on when /.test(second.err),
      second.err,
    );
    assertEqual([(await first).code, (await recordFiles(`${folder}/g/results`)).length], [0, 2]);
  }));

Deno.test("grid: where locks do not work, two processes of a phase at once still leave one whole record", () =>
  inFolder(async (folder) => {
    const words = tiny({ "pretrain.epochs": "40" }), phase = pretraining(words);
    const start = () => deno(folder, [...phase.words, "--every", "0.005"]);
    const first = start();
    await written(`${folder}/${phase.folder}/lock`);
    // A lock belongs to a file, not to its name: without the file of that name, the second process locks another one.
    await Deno.remove(`${folder}/${phase.folder}/lock`);
    const both = await Promise.all([first, start()]);
    for (const { err } of both) assertTrue(err.includes("pretrain"), `it did not train: ${err}`);
    // One may give up when the other clears the folder under it; its phase is then run again, and finds the record.
    assertTrue(both.some(({ code }) => code === 0), both.map(({ err }) => err).join("\n"));
    await runWell("grid", folder, ...words);
    const kept = (await loadRecords(`${folder}/g/results`)).filter(({ record }) => record.phase.kind === "pretrain");
    assertEqual([kept.length, await Deno.readTextFile(`${folder}/${phase.folder}/record.json`)], [
      1,
      await Deno.readTextFile(kept[0].path),
    ]);
    for (const { code, err } of both) assertTrue(code === 0 || /^error: [^\n]+\n$/m.test(err), err);
  }));
