import fc from "fast-check";
import { closingLine, logEnd } from "../commands/grid/cellLog.ts";
import { parseGrid } from "../commands/grid/flags.ts";
import { cellWords, type GridRequest, parseSet, planGrid } from "../commands/grid/plan.ts";
import { splitList } from "../commands/grid/splitList.ts";
import { loadResults, resultFiles, saveResult } from "../records/store.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell, spawn, TINY_CI } from "./commandTools.ts";
import { inFolder } from "./reportTools.ts";

/** A grid of the tiny model with other values of some of its keys; one row. */
function tiny(changes: Record<string, string>, ...words: string[]): string[] {
  const changed = TINY_CI.map((word) => {
    const [key] = word.split("=");
    return word.includes("=") && key in changes ? `${key}=${changes[key]}` : word;
  });
  return ["experiments/table17", ...changed, "--rows", "localmim", "--threads", "1", "--run", "g", ...words];
}

/** So many at a time that each has one thread. */
function withoutThreads(words: string[]): string[] {
  return words.filter((word, i) => word !== "--threads" && words[i - 1] !== "--threads");
}

function request(changes: Partial<GridRequest> = {}): GridRequest {
  const base = { experiment: "table17", profile: "ci", rows: ["vitfreeze"], seeds: 1, sets: [], passed: [] };
  return { ...base, ...changes };
}

Deno.test("splitList() splits at commas outside brackets, braces and quotes alone", () => {
  assertEqual(splitList("0.5,0.7, 0.8"), ["0.5", "0.7", "0.8"]);
  assertEqual(splitList("[0.9,0.95],[0.9,0.999]"), ["[0.9,0.95]", "[0.9,0.999]"]);
  assertEqual(splitList('{"a":[1,2],"b":3},"x,\\",y",z'), ['{"a":[1,2],"b":3}', '"x,\\",y"', "z"]);
  // Whatever JSON the values are, they come back.
  fc.assert(fc.property(fc.array(fc.json(), { minLength: 1 }), (values) => {
    assertEqual(splitList(values.join(",")), values.map((value) => value.trim()));
  }));
  assertEqual([splitList(""), splitList("a,"), splitList("]a,b")], [[""], ["a", ""], ["]a,b"]]);
});

Deno.test("planGrid() makes every value of every list, row and seed a cell, in that order", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8"), parseSet("pretrain.betas=[0.9,0.95],[0.9,0.99]")];
  const { cells } = planGrid(request({ rows: ["vitfreeze", "vitfreeze_unscaled"], seeds: 2, sets }));
  assertEqual(cells.length, 2 * 2 * 2 * 2);
  const words = cells.map(({ settings, row, seed }) => `${Object.values(settings).join(" ")} ${row} ${seed}`);
  assertEqual([words[0], words[1], words[2], words[4], words[15]], [
    "0.5 [0.9,0.95] vitfreeze 0",
    "0.5 [0.9,0.95] vitfreeze 1",
    "0.5 [0.9,0.95] vitfreeze_unscaled 0",
    "0.5 [0.9,0.99] vitfreeze 0",
    "0.8 [0.9,0.99] vitfreeze_unscaled 1",
  ]);
  assertEqual(new Set(cells.map(({ name }) => name)).size, 16);
});

Deno.test("planGrid() names a cell by what it computes, however that was asked for", () => {
  const name = (changes: Partial<GridRequest>) => planGrid(request(changes)).cells[0].name;
  const wanted = name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]] });
  assertTrue(/^vitfreeze-seed0-freeze\.t0=0\.5-pretrain\.batch=16-[0-9a-f]{12}$/.test(wanted), wanted);
  assertEqual(name({ sets: [["pretrain.batch", ["16"]], ["freeze.t0", ["0.50"]]] }), wanted);
  assertEqual(name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]], ["freeze.power", ["3"]]] }), wanted);
  // Where it runs and how often it saves is no part of what it computes; on which images is.
  const short = ["--threads", "1", "--every", "3"];
  assertEqual(name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]], passed: short }), wanted);
  const images = (path: string) => name({ profile: "cifar10", passed: ["--data", path] });
  assertTrue(images("a") !== images("b") && images("a") === images("./x/../a"), "the images are no part of the name");
  // Pinned: a cell that has a folder today has to find it tomorrow. A changed profile changes it, and should.
  assertEqual(name({}).slice(0, 16), "vitfreeze-seed0-");
});

Deno.test("planGrid() runs a row once for all values of a key that changes nothing in it", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8")], rows = ["localmim", "vitfreeze"];
  const words = planGrid(request({ rows, sets })).cells.map(({ row, settings }) => [row, settings]);
  assertEqual(words, [["localmim", {}], ["vitfreeze", { "freeze.t0": "0.5" }], ["vitfreeze", { "freeze.t0": "0.8" }]]);
});

Deno.test("planGrid() refuses what the experiment itself refuses, cells that are the same, and idle keys", async () => {
  const refused = (changes: Partial<GridRequest>, wanted: string) =>
    assertRejects(() => planGrid(request(changes)), wanted);
  await refused({ sets: [["freeze.t9", ["1"]]] }, "Cannot set unknown key freeze.t9");
  await refused({ sets: [["freeze.t0", ["0.5", "2"]]] }, "Cannot use freeze.t0 2");
  await refused({ rows: ["vitfreeze_srlr"], sets: [["freeze.t0", ["1"]]] }, "SR-LR has no effect");
  await refused({ rows: ["mae"] }, "Cannot run row 'mae'");
  await refused({ profile: "big" }, "Cannot use --profile big");
  await refused({ profile: "cifar10" }, "without images");
  await refused({ sets: [["freeze.t0", ["0.5", "0.50"]]] }, "'freeze.t0=0.5' and 'freeze.t0=0.50' are the same");
  await refused({ sets: [["freeze.t0", ["0.5"]], ["freeze.t0", ["0.6"]]] }, "Cannot use --set freeze.t0 twice");
  await refused({ rows: ["localmim"], sets: [["freeze.t0", ["0.5"]]] }, "it has no effect in localmim");
  for (const word of ["freeze.t0", "=1", "freeze.t0=", "freeze.t0=1,,2"]) {
    await assertRejects(() => parseSet(word), "want key=value,value,…");
  }
});

Deno.test("parseGrid() refuses flags without effect, and knows its defaults", async () => {
  const { request: found, folders, action } = parseGrid(["experiments/table17", "--profile", "ci", "--threads", "1"]);
  assertEqual([folders, action], [{ run: "runs/grid-table17-ci" }, "run"]);
  assertEqual(found!.rows, ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"]);
  assertEqual(found!.passed, ["--threads", "1"]);
  const grid = "experiments/table17";
  const refused: [string[], string][] = [
    [[], "Cannot tell which grid"],
    [["experiments/table99"], "Cannot run a grid of 'experiments/table99': want one of experiments/table17"],
    [[grid, "--time", "5"], "Cannot use --time: it has no effect with a grid without --slurm"],
    [[grid, "--status", "--jobs", "2"], "Cannot use --jobs: it has no effect with --status"],
    [[grid, "--collect", "--slurm"], "Cannot use --slurm: it has no effect with --collect"],
    [[grid, "--collect", "--status"], "Cannot use --status and --collect together"],
    [["--run", "g", "--seeds", "2"], "Cannot use --seeds: it has no effect with the plan of --run"],
    [[grid, "--jobs", "0"], "Cannot use --jobs 0: want a whole number from 1"],
    [[grid, "--slurm", "--warn", "x"], "Cannot use --warn x"],
    [[grid, "--slurm", "--partition", "a b"], "Cannot use --partition 'a b'"],
    [[grid, "--rows", "a,a"], "a row is named twice"],
    [[grid, "--run", ""], "Cannot use --run '': want a folder"],
  ];
  for (const [args, wanted] of refused) await assertRejects(() => parseGrid(args), wanted);
});

Deno.test("logEnd() tells the last lines, and the exit code unless the process was killed before it could say", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log`, write = (text: string) => Deno.writeTextFile(path, text);
    assertEqual(await logEnd(path, 2), { last: [] });
    await write(`a\nb\nc\n${closingLine(3)}\n`);
    assertEqual(await logEnd(path, 2), { last: ["b", "c"], code: 3 });
    await write(`${closingLine(3)}\n== again\nhalf`);
    assertEqual(await logEnd(path, 2), { last: ["half"] });
    await write(`${"x".repeat(5000)}\nend\n${closingLine(0)}\n`);
    assertEqual(await logEnd(path, 1), { last: ["end"], code: 0 });
  }));

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
    assertTrue(out.startsWith("Grid of table17, profile ci: 4 cells\n"), out);
    assertTrue(out.includes("freeze.t0=0.8  waiting\n") && out.endsWith("4 waiting, 0 failed\n"), out);
    assertEqual(await filesBelow(folder), []);
  }));

Deno.test("grid runs what is missing, goes on past a cell that fails, and repairs a broken result", () =>
  inFolder(async (folder) => {
    // Four images are no batch of eight: the second cell fails once it has its data.
    const words = tiny({ "data.train": "16,4" });
    const first = await run("grid", folder, ...words, "--jobs", "2");
    assertEqual(first.code, 1, first.err);
    assertTrue(
      /failed after .* with exit code 1; .* g\/logs\/.*:\n {4}error: Cannot fill /.test(first.err),
      first.err,
    );
    assertTrue(first.out.includes("\n1 cell done, 1 failed.\n"), first.out);
    const shown = await runWell("grid", folder, "--run", "g", "--status");
    assertTrue(shown.out.includes("1 done, 0 running, 0 resumable, 0 waiting, 1 failed"), shown.out);
    const [path] = await resultFiles(`${folder}/g/results`), whole = await Deno.readTextFile(path);
    const collected = await run("grid", folder, "--run", "g", "--collect");
    assertEqual(collected.code, 1);
    assertTrue(
      collected.out.includes("1 of 2 cells have a verified result; 1 missing, 0 doubled, 0 broken"),
      collected.out,
    );

    const good = tiny({ "data.train": "16" });
    const done = await runWell("grid", folder, ...good);
    assertTrue(done.out.endsWith("\nNothing to do.\n"), done.out);
    // A flipped digit in the kept result: it is copied again from the cell, without training.
    await Deno.writeTextFile(path, whole.replace('"seed":0', '"seed":1'));
    const again = await runWell("grid", folder, ...good);
    assertTrue(/^warning: Cannot use g\/results\/.*: the SHA-256 of its content is /.test(again.err), again.err);
    assertTrue(!again.err.includes("pretrain"), again.err);
    assertEqual([await resultFiles(`${folder}/g/results`), await Deno.readTextFile(path)], [[path], whole]);
    // Both broken: put aside, run anew, to the same weights.
    const before = (await loadResults(`${folder}/g/results`))[0].result;
    const left = (await filesBelow(`${folder}/g`)).find((name) => name.endsWith("/result.json"))!;
    await Deno.writeTextFile(`${folder}/g/${left}`, "{");
    await Deno.remove(path);
    const anew = await runWell("grid", folder, ...good);
    assertTrue(anew.err.includes(`${left}.broken, and the cell is run again`), anew.err);
    const [after, ...others] = (await loadResults(`${folder}/g/results`)).map(({ result }) => result);
    assertEqual([after.weights, after.evaluation, others.length], [before.weights, before.evaluation, 0]);
    await runWell("grid", folder, "--run", "g", "--collect");
    // A second result of the cell, by whatever way it came there, is named.
    const second = { ...after, end: "2001-01-01T00:00:00.000Z" };
    await saveResult(`${folder}/g/results`, second);
    const doubled = await run("grid", folder, "--run", "g", "--collect");
    assertEqual(doubled.code, 1);
    assertTrue(doubled.out.includes("\ndoubled: localmim-seed0-"), doubled.out);
  }));

Deno.test("grid stops its cells on Ctrl-C, which save, and goes on where they were", () =>
  inFolder(async (folder) => {
    const child = spawn("grid", folder, withoutThreads(tiny({ "pretrain.epochs": "2000" }, "--jobs", "64")));
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
    assertTrue(err.endsWith("interrupted; what was under way is saved. To go on: deno task grid --run g\n"), err);
    const { out } = await runWell("grid", folder, "--run", "g", "--status");
    assertTrue(/ resumable at pretrain, \d+ steps done\n/.test(out), out);
    // It goes on with the threads that it was begun with, however many run at a time now.
    const { out: script } = await runWell("grid", folder, "--run", "g", "--dry-run", "--slurm", "--cpus", "7");
    assertTrue(script.includes(" --threads 1\n"), script);
  }));

/** Waits until a file is there and not empty. */
async function written(path: string): Promise<void> {
  for (;;) {
    const size = await Deno.stat(path).then(({ size }) => size, () => 0);
    if (size > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The words of the experiment's command by which a grid runs its only cell, and the folder of that run. */
function onlyCell(words: string[]): { words: string[]; folder: string } {
  const { request } = parseGrid(words), folders = { run: "g", out: "g/results" }, [cell] = planGrid(request!).cells;
  return { words: cellWords(request!, folders, cell), folder: `g/cells/${cell.name}/localmim-seed0` };
}

Deno.test("grid: a second process of a cell waits for the first, and takes its result", () =>
  inFolder(async (folder) => {
    const cell = onlyCell(tiny({ "pretrain.epochs": "40" }));
    const first = spawn("table17", folder, cell.words).output();
    await written(`${folder}/${cell.folder}/lock`);
    const status = await runWell("grid", folder, ...tiny({ "pretrain.epochs": "40" }, "--status"));
    assertTrue(/ running: by process \d+ on .*, started .*Z\n/.test(status.out), status.out);
    const second = await runWell("grid", folder, ...tiny({ "pretrain.epochs": "40" }));
    assertTrue(
      / warning: process \d+ on .* works in g\/cells\/.*; this run goes on when /.test(second.err),
      second.err,
    );
    assertTrue(!second.err.includes("pretrain"), second.err);
    assertEqual([(await first).code, (await resultFiles(`${folder}/g/results`)).length], [0, 1]);
  }));

Deno.test("grid: where locks do not work, two processes of a cell at once still leave one whole result", () =>
  inFolder(async (folder) => {
    const words = tiny({ "pretrain.epochs": "40" }), cell = onlyCell(words);
    const start = () => run("table17", folder, ...cell.words, "--every", "0.005");
    const first = start();
    await written(`${folder}/${cell.folder}/lock`);
    // A lock belongs to a file, not to its name: without the file of that name, the second process locks another one.
    await Deno.remove(`${folder}/${cell.folder}/lock`);
    const both = await Promise.all([first, start()]);
    for (const { err } of both) assertTrue(err.includes("pretrain"), `it did not train: ${err}`);
    // One may give up when the other clears the folder under it; its cell is then run again, and finds the result.
    assertTrue(both.some(({ code }) => code === 0), both.map(({ err }) => err).join("\n"));
    const { err } = await runWell("grid", folder, ...words);
    assertTrue(!err.includes("pretrain"), err);
    const [kept, ...others] = await loadResults(`${folder}/g/results`);
    assertEqual([others, await Deno.readTextFile(`${folder}/${cell.folder}/result.json`)], [
      [],
      await Deno.readTextFile(kept.path),
    ]);
    for (const { code, err } of both) assertTrue(code === 0 || /^error: [^\n]+\n$/m.test(err), err);
  }));
