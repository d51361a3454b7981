import fc from "fast-check";
import { closingLine, logEnd, logPath } from "../commands/grid/cellLog.ts";
import { cellStates } from "../commands/grid/cellState.ts";
import { collect } from "../commands/grid/collect.ts";
import { csvText } from "../commands/grid/csv.ts";
import { Interrupted } from "../cli/interrupt.ts";
import { parseGrid } from "../commands/grid/flags.ts";
import { gridFolders, gridName, knownGrid } from "../commands/grid/folders.ts";
import { keptRecords } from "../commands/grid/keptRecords.ts";
import { phaseFolder } from "../training/phaseFolder.ts";
import { type Cell, type Plan, planGrid } from "../commands/grid/plan.ts";
import { readPlan, writePlan } from "../commands/grid/planFile.ts";
import { denoWords, phaseWords } from "../commands/grid/processWords.ts";
import { type Outcome, ReadyQueue } from "../commands/grid/readyQueue.ts";
import { type GridRequest, parseSet } from "../commands/grid/request.ts";
import { runLocal, usualJobs } from "../commands/grid/runLocal.ts";
import { splitList } from "../commands/grid/splitList.ts";
import { planText, stateText } from "../commands/grid/table.ts";
import { findExperiment } from "../experiments/mod.ts";
import { planOf } from "../experiments/plan.ts";
import { phaseKey } from "../records/phase.ts";
import { loadRecords, recordFiles, saveRecord } from "../records/store.ts";
import { RunFolder } from "../training/checkpoint/runFolder.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell, spawn, TINY_CI } from "./commandTools.ts";
import { leave, MadeUpProcesses, recordOf, request } from "./gridTools.ts";
import { inFolder } from "./reportTools.ts";

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

/** How many phases of each kind a plan has. */
function kinds({ cells }: Plan): Record<string, number> {
  const groups = Map.groupBy(cells, ({ phase: { kind } }) => kind);
  return Object.fromEntries([...groups].map(([kind, { length }]) => [kind, length]));
}

/** A request for all rows. */
function allRows(changes: Partial<GridRequest>): GridRequest {
  const { rows: _rows, ...rest } = request(changes);
  return rest;
}

Deno.test("planGrid() trains what runs share once: Table 20 is 36 pre-trainings and 108 fine-tunings", () => {
  const table20 = planGrid(allRows({ experiment: "thesis.table20" }));
  assertEqual(kinds(table20), { pretrain: 36, finetune: 108 });
  for (const cell of table20.cells) assertEqual(cell.rows.length, cell.phase.kind === "pretrain" ? 3 : 1);
  // Table 11 fine-tunes one pre-training from four of its epochs.
  assertEqual(kinds(planGrid(allRows({ experiment: "thesis.table11" }))), { pretrain: 3, finetune: 6 });
  assertEqual(kinds(planGrid(allRows({ probes: ["linear", "knn"] }))), { pretrain: 4, finetune: 4, linear: 4, knn: 4 });
  const sets = [parseSet("finetune.epochs=2,3"), parseSet("finetune.layerDecay=0.7,0.8,0.9")];
  assertEqual(kinds(planGrid(request({ sets, seeds: 2 }))), { pretrain: 2, finetune: 12 });
});

Deno.test("planGrid() takes settings, then seeds, then rows, and each phase after what it starts from", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8"), parseSet("pretrain.betas=[0.9,0.95],[0.9,0.99]")];
  const rows = ["vitfreeze", "vitfreeze_unscaled"], { cells } = planGrid(request({ rows, seeds: 2, sets }));
  assertEqual(cells.length, 2 * 2 * 2 * 2 * 2);
  const words = cells.map(({ phase, rows, values }) =>
    `${phase.kind} ${Object.values(values).join(" ")} ${rows} ${phase.seed}`
  );
  assertEqual([words[0], words[1], words[2], words[4], words[8], words[31]], [
    "pretrain 0.5 [0.9,0.95] vitfreeze 0",
    "finetune 0.5 [0.9,0.95] vitfreeze 0",
    "pretrain 0.5 [0.9,0.95] vitfreeze_unscaled 0",
    "pretrain 0.5 [0.9,0.95] vitfreeze 1",
    "pretrain 0.5 [0.9,0.99] vitfreeze 0",
    "finetune 0.8 [0.9,0.99] vitfreeze_unscaled 1",
  ]);
  const names = cells.map(({ name }) => name);
  assertEqual(new Set(names).size, 32);
  for (const [i, { start }] of cells.entries()) {
    if (start !== undefined) {
      assertTrue(names.indexOf(start) >= 0 && names.indexOf(start) < i, `${names[i]} is too early`);
    }
  }
});

Deno.test("planGrid() names a cell by what it computes, however that was asked for", () => {
  const name = (changes: Partial<GridRequest>) => planGrid(request(changes)).cells[1].name;
  const wanted = name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]] });
  assertTrue(/^finetune-localmim-[0-9a-f]{12}$/.test(wanted), wanted);
  assertEqual(name({ sets: [["pretrain.batch", ["16"]], ["freeze.t0", ["0.50"]]] }), wanted);
  assertEqual(name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]], ["freeze.power", ["3"]]] }), wanted);
  const passed = ["--threads", "1", "--every", "3"];
  assertEqual(name({ sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]], passed }), wanted);
  // The same phase of another table is the same cell; without a pre-training it is named so.
  const other = request({ experiment: "thesis.table11", sets: [["freeze.t0", ["0.5"]], ["pretrain.batch", ["16"]]] });
  assertEqual(planGrid(other).cells[1].name, wanted);
  const scratch = planGrid(request({ experiment: "vitfreeze.table2", rows: ["scratch_vitb"] })).cells;
  assertTrue(scratch.length === 1 && scratch[0].name.startsWith("finetune-scratch-"), scratch[0].name);
});

Deno.test("planGrid() runs a row once for all values of a key that changes nothing in it", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8")], rows = ["localmim", "vitfreeze"];
  const { cells } = planGrid(request({ rows, sets }));
  assertEqual(cells.map(({ rows, values }) => [...rows, ...values["freeze.t0"]].join(" ")), [
    ...["localmim 0.5 0.8", "localmim 0.5 0.8", "vitfreeze 0.5", "vitfreeze 0.5", "vitfreeze 0.8", "vitfreeze 0.8"],
  ]);
  // Nothing freezes at 1, so the power is without effect there, and there alone.
  const idle = [parseSet("freeze.t0=1,0.5"), parseSet("freeze.power=1,2")];
  const both = planGrid(request({ experiment: "thesis.table11", sets: idle }));
  assertEqual(kinds(both), { pretrain: 3, finetune: 3 });
});

Deno.test("planGrid() heeds a value that makes one row another's run, as the experiment's own command does", () => {
  const rows = ["localmim", "vitfreeze"], asked = request({ rows, sets: [parseSet("freeze.t0=1,0.5")] });
  const { cells } = planGrid(asked);
  // At 1 nothing freezes: ViTFreeze is LocalMIM there, and the profile's own t0 of 0.8 is nowhere.
  assertEqual(cells.map(({ rows, values }) => [...rows, ...values["freeze.t0"]].join(" ")), [
    ...["localmim vitfreeze 1 0.5", "localmim vitfreeze 1 0.5", "vitfreeze 0.5", "vitfreeze 0.5"],
  ]);
  const { phases } = planOf(findExperiment("table17"), { ...asked, set: ["freeze.t0=1"], rows, seeds: [0] });
  assertEqual(cells.slice(0, 2).map(({ key }) => key), phases.map(phaseKey));
});

Deno.test("planGrid() gives each process a command line whose own plan holds its phase", () => {
  const sets = [parseSet("freeze.t0=1,0.5,0.8"), parseSet("freeze.power=1,2"), parseSet("finetune.epochs=2,3")];
  const requests = [
    request({ experiment: "thesis.table11", rows: ["localmim_50", "vitfreeze"], sets, seeds: 2 }),
    request({ rows: ["localmim"], sets: [parseSet("pretrain.epochs=4,5")], probes: ["knn"] }),
    allRows({ experiment: "thesis.table11", sets: [parseSet("finetune.epochs=2,3")] }),
    allRows({ experiment: "thesis.table14", sets: [parseSet("freeze.srLrPower=0.8")] }),
  ];
  for (const asked of requests) {
    const { experiment, profile, rows, probes } = asked;
    for (const { key, words, phase: { seed } } of planGrid(asked).cells) {
      const { phases } = planOf(findExperiment(experiment), { profile, set: words, rows, seeds: [seed], probes });
      assertTrue(phases.some((phase) => phaseKey(phase) === key), `${words.join(" ")} does not lead to ${key}`);
    }
  }
});

Deno.test("phaseWords() and denoWords() run one phase by its whole key", () => {
  const passed = ["--data", "images/c.tar", "--every", "3"], sets = [parseSet("freeze.t0=0.5,0.8")];
  const asked = request({ profile: "cifar10", sets, passed, probes: ["knn"] }), { cells } = planGrid(asked);
  const place = { run: "r", out: "o" }, [, , { key }, last] = cells;
  assertEqual(
    phaseWords(asked, place, cells[2]).join(" ").replace(key, "KEY"),
    [
      "thesis.table17 --profile cifar10 --set freeze.t0=0.5 --rows vitfreeze --seed 0 --probes knn",
      "--phase KEY --run r --out o --wait --data images/c.tar --every 3",
    ].join(" "),
  );
  assertEqual(key.length, 64);
  const words = denoWords(asked, place, last, 3), told = { ...asked, passed: [...passed, "--threads", "7"] };
  assertTrue(words[0] === "run" && words.some((word) => word.endsWith("/commands/repro/main.ts")), words.join(" "));
  assertEqual(words.slice(-2), ["--threads", "3"]);
  assertEqual(denoWords(told, place, last, 3).slice(-2), ["--threads", "7"]);
});

Deno.test("planGrid() refuses what the experiment itself refuses, values that are the same, and idle keys", async () => {
  const refused = (changes: Partial<GridRequest>, wanted: string) =>
    assertRejects(() => planGrid(request(changes)), wanted);
  await refused({ sets: [["freeze.t9", ["1"]]] }, "Cannot set unknown key freeze.t9");
  await refused({ sets: [["freeze.t0", ["0.5", "2"]]] }, "Cannot use freeze.t0 2");
  await refused({ rows: ["vitfreeze_srlr"], sets: [["freeze.t0", ["1"]]] }, "SR-LR: it has no effect");
  await refused(
    { sets: [["freeze.backward", ["cut"]], ["freeze.clsToken", ["global"]]] },
    "Cannot use freeze.backward cut",
  );
  await refused({ rows: ["vitfreze"] }, "; did you mean vitfreeze?");
  await refused({ profile: "lapto" }, "; did you mean laptop?");
  await refused({ profile: "cifar10" }, "Cannot run profile cifar10 without its images: want --data PATH");
  await refused({ passed: ["--data", "x"] }, "Cannot use --data for images: it has no effect here, want no images");
  await refused({ sets: [["data.source", ["pets"]]] }, "want --data pets=PATH");
  await refused({ sets: [["freeze.t0", ["0.5", "0.50"]]] }, "'freeze.t0=0.5' and 'freeze.t0=0.50' are the same");
  await refused({ sets: [["freeze.t0", ["0.5"]], ["freeze.t0", ["0.6"]]] }, "Cannot use --set freeze.t0 twice");
  // One of the values is the profile's own.
  await refused(
    { rows: ["localmim"], sets: [["freeze.t0", ["0.5", "0.8"]]] },
    "freeze.t0: it has no effect in localmim",
  );
  await refused({ sets: [["knn.k", ["5", "9"]]] }, "knn.k: it has no effect");
  assertEqual(planGrid(request({ sets: [["knn.k", ["5", "9"]]], probes: ["knn"] })).cells.length, 4);
  for (const word of ["freeze.t0", "=1", "freeze.t0=", "freeze.t0=1,,2"]) {
    await assertRejects(() => parseSet(word), "want key=value,value,…");
  }
});

Deno.test("parseGrid() refuses flags without effect, and knows its defaults", async () => {
  const { request: found, ...rest } = parseGrid(["table17", "--profile", "ci", "--threads", "1"]);
  assertEqual(rest, { run: "runs", action: "run", csv: false });
  assertEqual(found, {
    experiment: "thesis.table17",
    profile: "ci",
    seeds: 1,
    sets: [],
    probes: [],
    passed: ["--threads", "1"],
  });
  assertEqual(parseGrid(["thesis.table20"]).request!.profile, "laptop");
  const sources = parseGrid(["table17", "--data", "a", "--data", "pets=b", "--any-code"]).request!.passed;
  assertEqual(sources, ["--data", "a", "--data", "pets=b", "--any-code"]);
  const grid = "table17",
    refused: [string[], string][] = [
      [[], "Cannot tell which grid: want an experiment (thesis.table17, "],
      [["experiments/table17"], "Cannot run experiment 'experiments/table17': want one of thesis.table17, "],
      [[grid, "--time", "5"], "Cannot use --time: it has no effect with a grid without --slurm"],
      [[grid, "--status", "--jobs", "2"], "Cannot use --jobs: it has no effect with --status"],
      [[grid, "--collect", "--slurm"], "Cannot use --slurm: it has no effect with --collect"],
      [[grid, "--collect", "--status"], "Cannot use --status and --collect together"],
      [[grid, "--csv"], "Cannot use --csv: it has no effect"],
      [["--run", "g", "--seeds", "2"], "Cannot use --seeds: it has no effect with the plan of --run"],
      [["--run", "g", "--probes", "knn"], "Cannot use --probes: it has no effect with the plan of --run"],
      [[grid, "--jobs", "0"], "Cannot use --jobs 0: want a whole number from 1"],
      [[grid, "--slurm", "--warn", "x"], "Cannot use --warn x"],
      [[grid, "--slurm", "--partition", "a b"], "Cannot use --partition 'a b'"],
      [[grid, "--rows", "a,a"], "a row is named twice"],
      [[grid, "--probes", "knn,knn"], "a probe is named twice"],
      [[grid, "--probes", "linaer"], "want linear, knn or both; did you mean linear?"],
      [[grid, "--run", ""], "Cannot use --run '': want a folder"],
      [[grid, "--name", "../x"], "Cannot use --name '../x': want letters"],
      [[grid, "--engine", "compild"], "want compiled or eager; did you mean compiled?"],
      [[grid, "--engine", "eager", "--threads", "2"], "Cannot use --threads: it has no effect with the eager engine"],
      [[grid, "--backend", "cpu"], "Cannot use --backend: it has no effect with the compiled engine"],
      [[grid, "--threads", "0"], "Cannot use --threads 0: want a whole number from 1 to 1024"],
      [[grid, "--keep", "0"], "Cannot use --keep 0"],
      [[grid, "--every=-1"], "Cannot use --every -1: want a number of minutes"],
      [[grid, "--data", "pets="], "Cannot use --data 'pets=': want a path"],
    ];
  for (const [args, wanted] of refused) await assertRejects(() => parseGrid(args), wanted);
});

Deno.test("gridName() and knownGrid() keep grids of one folder apart", () =>
  inFolder(async (folder) => {
    const sets = [parseSet("freeze.t0=0.5,0.8"), parseSet("pretrain.epochs=4,5")];
    const swept = gridName(request({ sets }));
    assertEqual(gridName(request({ rows: ["localmim"], seeds: 3 })), "thesis.table17-ci");
    assertTrue(/^thesis\.table17-ci-[0-9a-f]{6}$/.test(swept), swept);
    assertEqual(gridName(request({ sets: [...sets].reverse() })), swept);
    assertTrue(gridName(request({ sets: sets.slice(1) })) !== swept, "other sets have the same name");

    await assertRejects(() => knownGrid(folder), "it holds no grid, want the experiment's name");
    await writePlan(gridFolders(folder, swept).grid, undefined, planGrid(request({ sets })));
    assertEqual(await knownGrid(folder), swept);
    await writePlan(gridFolders(folder, "other").grid, "out", planGrid(request()));
    await Deno.mkdir(`${folder}/grids/empty`);
    await assertRejects(() => knownGrid(folder), `want --name other or ${swept}`);
    await assertRejects(() => knownGrid(folder, "othr"), `want other or ${swept}; did you mean other?`);
    assertEqual(await readPlan(gridFolders(folder, await knownGrid(folder, "other")).grid), {
      plan: planGrid(request()),
      out: "out",
    });
  }));

Deno.test("readPlan() refuses a plan whose phases are others today, or that is broken", () =>
  inFolder(async (folder) => {
    const path = `${folder}/plan.json`;
    await writePlan(folder, undefined, planGrid(request()));
    const text = await Deno.readTextFile(path), [{ key }] = planGrid(request()).cells;
    for (
      const [now, wanted] of [
        [text.replace(key, key.replace(/./, (digit) => digit === "0" ? "1" : "0")), "its phases are others today"],
        [text.replace('"seeds":1', '"seeds":2'), "its phases are others today"],
        [text.replace('"version":2', '"version":1'), "at version: "],
        [text.slice(1), "it is no JSON, want what a grid has written"],
      ]
    ) {
      await Deno.writeTextFile(path, now);
      await assertRejects(() => readPlan(folder), wanted);
    }
  }));

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

Deno.test("ReadyQueue gives out a cell once its start is done, and first those on which the most others rest", () => {
  const { cells } = planGrid(allRows({ experiment: "thesis.table11" })), queue = new ReadyQueue(cells);
  const [localmim] = cells, next = () => queue.next()!;
  assertEqual(cells.filter(({ start }) => start === localmim.name).length, 4);
  assertEqual(next(), localmim);
  const others = [next(), next()];
  assertEqual([...others.map(({ phase: { kind } }) => kind), queue.next()], ["pretrain", "pretrain", undefined]);
  assertEqual([queue.ended(localmim, "done"), queue.ended(others[0], "failed"), queue.ended(others[1], "waiting")], [
    0,
    1,
    1,
  ]);
  const tuned = [next(), next(), next(), next()];
  assertTrue(tuned.every(({ start }) => start === localmim.name), "a cell of another start was given out");
  for (const cell of tuned) queue.ended(cell, "done");
  assertEqual(queue.next(), undefined);
  assertEqual(
    [...queue.outcomes.values()].sort(),
    [..."bdddddfww"].map((letter) => ({ b: "blocked", d: "done", f: "failed", w: "waiting" })[letter]),
  );
  // What another process works on comes last.
  const late = new ReadyQueue(cells, new Set([localmim.name]));
  assertEqual([late.next()!.name === localmim.name, late.next()!.name === localmim.name, late.next()], [
    false,
    false,
    localmim,
  ]);
});

Deno.test("ReadyQueue: whatever rests on what, each cell is run once after its start, or not because of it", () => {
  const [model] = planGrid(request()).cells;
  const outcome = fc.constantFrom<Outcome>("done", "done", "failed", "waiting");
  const forest = fc.array(fc.record({ start: fc.nat(), outcome, root: fc.boolean() }), { maxLength: 30 });
  fc.assert(fc.property(forest, (nodes) => {
    const cells = nodes.map(({ start, root }, i): Cell => ({
      ...model,
      name: String(i),
      ...(i > 0 && !root && { start: String(start % i) }),
    }));
    const queue = new ReadyQueue(cells), run: Cell[] = [];
    for (let cell; (cell = queue.next());) {
      const start = cell.start;
      assertTrue(start === undefined || run.some(({ name }) => name === start), `${cell.name} runs before ${start}`);
      run.push(cell);
      queue.ended(cell, nodes[Number(cell.name)].outcome);
    }
    assertEqual([new Set(run).size, queue.outcomes.size], [run.length, cells.length]);
    for (const cell of cells) {
      const before = cells.find(({ name }) => name === cell.start),
        start = before ? queue.outcomes.get(before) : "done";
      const own = nodes[Number(cell.name)].outcome;
      const wanted = start === "done" ? own : start === "waiting" ? "waiting" : "blocked";
      assertEqual(queue.outcomes.get(cell), wanted);
    }
  }));
});

/** Runs cells in made-up processes. */
function runMadeUp(folder: string, plan: Plan, jobs: number, signal = new AbortController().signal) {
  const processes = new MadeUpProcesses(), said: string[] = [], folders = gridFolders(folder, "g");
  const base = { request: plan.request, folders, cells: plan.cells, busy: new Set<string>(), threads: new Map(), jobs };
  const ended = runLocal({ ...base, signal, say: (text) => said.push(text), start: processes.start });
  return { processes, said, ended };
}

Deno.test("runLocal() starts a phase as soon as its start is finished, and goes on past one that fails", () =>
  inFolder(async (folder) => {
    const plan = planGrid(request({ rows: ["localmim", "vitfreeze"], seeds: 2 }));
    const { processes, said, ended } = runMadeUp(folder, plan, 2);
    const [p0, f0, p1, f1, p2, f2, p3, f3] = plan.cells.map(({ name }) => name);
    await processes.end(p0, 0);
    assertEqual(processes.living, [p1, p2], "of equal weight, the plan's order");
    await processes.end(p1, 1);
    await processes.end(p2, 69);
    assertEqual(processes.living, [p3, f0]);
    await processes.end(f0, 0);
    await processes.end(p3, 0);
    await processes.end(f3, 139);
    const outcomes = Object.fromEntries([...await ended].map(([{ name }, outcome]) => [name, outcome]));
    assertEqual(outcomes, {
      ...{ [p0]: "done", [f0]: "done", [p1]: "failed", [f1]: "blocked" },
      ...{ [p2]: "waiting", [f2]: "waiting", [p3]: "done", [f3]: "failed" },
    });
    assertEqual([processes.most, processes.started], [2, [p0, p1, p2, p3, f0, f3]]);
    const text = said.join("\n");
    assertTrue(/\[2\/8\] pretrain-\S+: failed after .* with exit code 1; the end of /.test(text), text);
    assertTrue(text.includes("[2/8] not run, since they rest on it: 1"), text);
    assertTrue(/\[3\/8\] pretrain-\S+: waits after .* with exit code 69; /.test(text), text);
  }));

Deno.test("runLocal() passes a signal on, starts nothing more, and waits until all have saved", () =>
  inFolder(async (folder) => {
    const control = new AbortController(), plan = planGrid(request({ seeds: 3 }));
    const { processes, ended } = runMadeUp(folder, plan, 2, control.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [first, second] = processes.living;
    let over = false;
    const stopped = assertRejects(() => ended, "stopped by SIGTERM").then(() => over = true);
    control.abort(new Interrupted("SIGTERM"));
    assertEqual(processes.signals, [`${first} SIGTERM`, `${second} SIGTERM`]);
    await processes.end(first, 143);
    assertEqual(over, false, "it did not wait for the second");
    await processes.end(second, 0);
    await stopped;
    assertEqual(processes.started, [first, second]);
  }));

Deno.test("usualJobs() uses all cores, with one thread each unless that is told", () => {
  const jobs = (passed: string[], cores: number) => usualJobs(request({ passed }), cores);
  assertEqual([jobs([], 1), jobs([], 2), jobs([], 8)], [1, 2, 8]);
  assertEqual([jobs(["--threads", "2"], 8), jobs(["--threads", "16"], 8), jobs(["--engine", "eager"], 4)], [4, 1, 4]);
});

/** The states of a plan's cells, in words. */
async function statesOf(plan: Plan, run: string): Promise<string[]> {
  const folders = gridFolders(run, "g");
  return (await cellStates(plan, folders, await keptRecords(folders.out))).map(stateText);
}

Deno.test("cellStates() tells how far phases are, by whatever command they were run", () =>
  inFolder(async (run) => {
    const plan = planGrid(request({ rows: ["localmim", "vitfreeze"] })), [pre, fine, pre2, fine2] = plan.cells;
    const folders = gridFolders(run, "g"), states = () => statesOf(plan, run);
    assertEqual(await states(), ["waiting", "waiting for its start", "waiting", "waiting for its start"]);
    await leave(run, pre, "checkpoint-00000007.json", "{}");
    await leave(run, pre, "checkpoint-00000012.json", "{}");
    await leave(run, pre, "checkpoint-00000020.safetensors", ""); // its JSON was not written any more
    await leave(run, pre, "phase.json", { engine: { name: "compiled", threads: 3 } });
    assertEqual((await states())[0], "resumable at 12 steps done");
    const [begun] = await cellStates(plan, folders, await keptRecords(folders.out));
    assertEqual(begun.threads, 3);
    const log = logPath(folders, pre);
    await Deno.mkdir(`${folders.grid}/logs`, { recursive: true });
    await Deno.writeTextFile(log, `${closingLine(1)}\n`);
    await Deno.writeTextFile(logPath(folders, fine2), `${closingLine(69)}\n`);
    const failed = [
      "failed: exit code 1; 12 steps done",
      "blocked: its start failed",
      "waiting",
      "waiting for its start",
    ];
    assertEqual(await states(), failed);
    const held = await RunFolder.take(phaseFolder(run, pre.phase));
    assertTrue(/^running: by process \d+ on .*, started .*Z$/.test((await states())[0]), (await states())[0]);
    held.release();

    const record = recordOf(pre);
    await leave(run, pre, "record.json", record);
    await leave(run, pre, `weights-${pre.phase.config.epochs}.safetensors`, "");
    assertEqual((await states()).slice(0, 2), ["waiting: its record has to be copied", "waiting for its start"]);
    const { id } = await saveRecord(folders.out, record);
    assertEqual((await states()).slice(0, 2), [`done: ${id.slice(0, 12)}`, "waiting"]);
    // A record of another machine is not this one's; nor is one for which no folder vouches.
    await saveRecord(folders.out, recordOf(pre, { machine: { ...record.machine, cpu: "other" } }));
    await saveRecord(folders.out, recordOf(pre2));
    assertEqual((await states()).slice(0, 3), [`done: ${id.slice(0, 12)}`, "waiting", "waiting"]);
    // Whoever starts from it needs its weights; once all have started, nobody does.
    await Deno.remove(`${phaseFolder(run, pre.phase)}/weights-${pre.phase.config.epochs}.safetensors`);
    const missing = `waiting: its weights after ${pre.phase.config.epochs} epochs are missing`;
    assertEqual((await states()).slice(0, 2), [missing, "waiting for its start"]);
    await leave(run, fine, "record.json", recordOf(fine));
    await saveRecord(folders.out, recordOf(fine));
    assertEqual((await states()).slice(0, 2).map((state) => state.slice(0, 5)), ["done:", "done:"]);
  }));

Deno.test("cellStates() names records that are broken, of another phase, or not the kept ones", () =>
  inFolder(async (run) => {
    const plan = planGrid(request()), [pre, fine] = plan.cells, folders = gridFolders(run, "g");
    const broken = async () => {
      const states = await cellStates(plan, folders, await keptRecords(folders.out));
      return states.map(({ kind, broken }) => `${kind} ${broken?.problem.replace(run, "") ?? ""}`);
    };
    await leave(run, pre, "record.json", recordOf(fine));
    await leave(run, fine, "record.json", "{");
    const [first, second] = await broken();
    assertTrue(first.includes(`it is the record of phase ${fine.key}, want that of ${pre.key}`), first);
    assertTrue(
      /^waiting Cannot use .*record\.json: it is no JSON, want what a run has written$/.test(second),
      second,
    );
    // The kept one stands for it, so that it is not trained again.
    await saveRecord(folders.out, recordOf(fine));
    assertTrue((await broken())[1].startsWith("done Cannot use "), (await broken())[1]);
    await leave(run, fine, "record.json", recordOf(fine, { params: 2 }));
    assertTrue(/^done .* that of the kept record [0-9a-f]{64}$/.test((await broken())[1]), (await broken())[1]);
  }));

Deno.test("collect() and csvText() list the metrics of each phase, and what is missing, doubled or broken", () =>
  inFolder(async (run) => {
    const plan = planGrid(
      request({ rows: ["localmim", "vitfreeze"], sets: [parseSet("pretrain.betas=[0.9,0.95],[0.9,0.99]")] }),
    );
    const [pre, fine, pre2] = plan.cells, folders = gridFolders(run, "g");
    for (const cell of [pre, fine, pre2]) {
      await leave(run, cell, "record.json", recordOf(cell));
      await leave(run, cell, `weights-${cell.phase.config.epochs}.safetensors`, "");
      await saveRecord(folders.out, recordOf(cell));
    }
    await saveRecord(folders.out, recordOf(pre2, { end: "2001-01-01T00:02:00.000Z" }));
    await saveRecord(folders.out, recordOf(fine, { engine: { ...recordOf(fine).engine, threads: 2 } }));
    await Deno.writeTextFile(`${folders.out}/${"f".repeat(64)}.json`, "{}");
    const kept = await keptRecords(folders.out), states = await cellStates(plan, folders, kept);
    const { table, problems, complete } = collect(plan, states, kept), lines = table.split("\n");
    assertEqual([complete, lines.length, lines[0].split(/ +/)], [false, 9, [
      "phase",
      "top-1",
      "top-5",
      "loss",
      "record",
    ]]);
    assertEqual(lines[1].split(/ +/).slice(0, 4), [pre.name, "-", "-", "-"]);
    assertEqual(lines[2].split(/ +/).slice(0, 4), [fine.name, "12.50", "50.00", "2.2500"]);
    assertEqual(problems.split("\n").map((line) => line.split(":")[0]), [
      ...Array(5).fill("missing"),
      ...[
        "doubled",
        "broken",
        "3 of 8 phases have a verified record; 5 missing, 1 doubled, 1 broken; 1 verified records of others",
      ],
    ]);

    const csv = csvText(plan, states).split("\n");
    assertEqual(csv.slice(0, 3), [
      "kind,key,rows,seed,pretrain.betas,state,top1,top5,loss",
      `pretrain,${pre.key},localmim,0,"[0.9,0.95]",done,,,`,
      `finetune,${fine.key},localmim,0,"[0.9,0.95]",done,12.5,50,2.25`,
    ]);
    assertEqual(csv.length, 9);
    const shown = planText(plan, states).split("\n");
    assertEqual(shown[0], "Grid of thesis.table17, profile ci: 8 phases");
    assertEqual(shown[2].split(/ +/), ["phase", "rows", "pretrain.betas", "state"]);
    assertEqual(shown.at(-1), "3 done, 0 running, 0 resumable, 5 waiting, 0 failed, 0 blocked");
  }));

Deno.test("planText() and csvText() show a value where it makes a difference alone", () => {
  const sets = [parseSet("freeze.t0=0.5,0.8"), parseSet("finetune.epochs=2,3")];
  const plan = planGrid(request({ rows: ["localmim", "vitfreeze"], sets, seeds: 2 }));
  const states = plan.cells.map(() => ({ kind: "waiting" as const, detail: "", records: [] }));
  const [head, pre, fine] = csvText(plan, states).split("\n").map((line) => line.split(","));
  assertEqual(head.slice(2, 6), ["rows", "seed", "freeze.t0", "finetune.epochs"]);
  assertEqual([pre.slice(2, 6), fine.slice(2, 6)], [["localmim", "0", "", ""], ["localmim", "0", "", "2"]]);
  const lines = planText(plan, states).split("\n").slice(2).map((line) => line.split(/  +/));
  assertEqual(lines[0], ["phase", "rows", "seed", "freeze.t0", "finetune.epochs", "state"]);
  assertEqual(lines[3].slice(1), ["vitfreeze", "0", "0.5", "-", "waiting"]);
  const table20 = planGrid(allRows({ experiment: "thesis.table20" }));
  const wide = planText(table20, table20.cells.map(() => states[0])).split("\n");
  assertTrue(wide[3].includes("  in100_500_500.acc_t08 +2  "), wide[3]);
});

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
