import fc from "fast-check";
import { closingLine, logEnd, logPath } from "../commands/grid/cellLog.ts";
import { cellStates } from "../commands/grid/cellState.ts";
import { collect } from "../commands/grid/collect.ts";
import { csvText } from "../commands/grid/csv.ts";
import { Interrupted } from "../cli/interrupt.ts";
import { gridFolders } from "../commands/grid/folders.ts";
import { keptRecords } from "../commands/grid/keptRecords.ts";
import { phaseFolder } from "../training/phaseFolder.ts";
import { type Cell, type Plan, planGrid } from "../commands/grid/plan.ts";
import { type Outcome, ReadyQueue } from "../commands/grid/readyQueue.ts";
import { parseSet } from "../commands/grid/request.ts";
import { UserError } from "../core/errors.ts";
import { runLocal, usualJobs } from "../commands/grid/runLocal.ts";
import { planText, stateText } from "../commands/grid/table.ts";
import { saveRecord } from "../records/store.ts";
import { RunFolder } from "../training/checkpoint/runFolder.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { allRows, leave, MadeUpProcesses, recordOf, request } from "./gridTools.ts";
import { inFolder } from "./reportTools.ts";

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

Deno.test("ReadyQueue: whatever rests on what, each cell is run once after its start, seed by seed, or not because of it", () => {
  const [model] = planGrid(request()).cells;
  const outcome = fc.constantFrom<Outcome>("done", "done", "failed", "waiting");
  const node = fc.record({ start: fc.nat(), outcome, root: fc.boolean(), seed: fc.nat(2) });
  fc.assert(fc.property(fc.array(node, { maxLength: 30 }), (nodes) => {
    const cells = nodes.map(({ start, root, seed }, i): Cell => ({
      ...model,
      phase: { ...model.phase, seed },
      name: String(i),
      ...(i > 0 && !root && { start: String(start % i) }),
    }));
    const queue = new ReadyQueue(cells), run: Cell[] = [];
    for (let cell; (cell = queue.next());) {
      const start = cell.start;
      assertTrue(start === undefined || run.some(({ name }) => name === start), `${cell.name} runs before ${start}`);
      const isReady = (other: Cell) =>
        !run.includes(other) && !queue.outcomes.has(other) &&
        (other.start === undefined || run.some(({ name }) => name === other.start));
      const earlier = cells.filter((other) => isReady(other) && other.phase.seed < cell.phase.seed);
      assertEqual(earlier.map(({ name }) => name), [], `${cell.name} runs before an earlier seed`);
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
    assertEqual(processes.living, [p1, f0], "the first seed before the second");
    await processes.end(p1, 1);
    assertEqual(processes.living, [f0, p2]);
    await processes.end(p2, 69);
    assertEqual(processes.living, [f0, p3]);
    await processes.end(f0, 0);
    await processes.end(p3, 0);
    await processes.end(f3, 139);
    const outcomes = Object.fromEntries([...await ended].map(([{ name }, outcome]) => [name, outcome]));
    assertEqual(outcomes, {
      ...{ [p0]: "done", [f0]: "done", [p1]: "failed", [f1]: "blocked" },
      ...{ [p2]: "waiting", [f2]: "waiting", [p3]: "done", [f3]: "failed" },
    });
    assertEqual([processes.most, processes.started], [2, [p0, p1, f0, p2, p3, f3]]);
    const text = said.join("\n");
    assertTrue(/\[2\/8\] pretrain-\S+: failed after .* with exit code 1; the end of /.test(text), text);
    assertTrue(text.includes("[2/8] not run, since they rest on it: 1"), text);
    assertTrue(/\[4\/8\] pretrain-\S+: waits after .* with exit code 69; /.test(text), text);
  }));

Deno.test("runLocal() goes on past a phase whose log cannot be opened", () =>
  inFolder(async (folder) => {
    const plan = planGrid(request({ rows: ["localmim"], seeds: 2 })), processes = new MadeUpProcesses();
    const folders = gridFolders(folder, "g"), said: string[] = [];
    let calls = 0;
    const start: typeof processes.start = (args, log) =>
      calls++ === 0 ? Promise.reject(new UserError("Cannot write its log: read-only")) : processes.start(args, log);
    const run = {
      request: plan.request,
      folders,
      cells: plan.cells,
      busy: new Set<string>(),
      threads: new Map(),
      jobs: 1,
    };
    const signal = new AbortController().signal, say = (text: string) => said.push(text);
    const ended = runLocal({ ...run, signal, say, start });
    const [p0, f0, p1, f1] = plan.cells.map(({ name }) => name);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEqual(processes.living, [p1]);
    await processes.end(p1, 0);
    await processes.end(f1, 0);
    const outcomes = Object.fromEntries([...await ended].map(([{ name }, outcome]) => [name, outcome]));
    assertEqual(outcomes, { [p0]: "failed", [f0]: "blocked", [p1]: "done", [f1]: "done" });
    assertTrue(said.join("\n").includes(`${p0}: not run: Cannot write its log: read-only`), said.join("\n"));
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

Deno.test("cellStates() takes a record as enough where that is said, and runs again what lacks it or whose weights are needed", () =>
  inFolder(async (run) => {
    const plan = planGrid(request({ rows: ["localmim", "vitfreeze"] })), [pre, fine, pre2, fine2] = plan.cells;
    const folders = gridFolders(run, "g");
    const states = async () =>
      (await cellStates(plan, folders, await keptRecords(folders.out), true)).map(stateText)
        .map((state) => state.replace(/^done: [0-9a-f]{12}$/, "done"));
    // Made elsewhere, on two machines: one is enough, and nothing is left to do for its row.
    const record = recordOf(fine), { machine } = record;
    for (
      const each of [recordOf(pre), record, recordOf(fine, { machine: { ...machine, cpu: "other" } }), recordOf(pre2)]
    ) {
      await saveRecord(folders.out, each);
    }
    const epochs = pre2.phase.config.epochs, needed = `waiting: its weights after ${epochs} epochs are missing`;
    assertEqual(await states(), ["done", "done", needed, "waiting for its start"]);
    // Made again here, for its weights.
    const again = recordOf(pre2, { end: "2001-01-01T00:02:00.000Z" });
    await leave(run, pre2, "record.json", again);
    await leave(run, pre2, `weights-${epochs}.safetensors`, "");
    await saveRecord(folders.out, again);
    assertEqual(await states(), ["done", "done", "done", "waiting"]);
    await leave(run, fine2, "checkpoint-00000007.json", "{}");
    assertEqual((await states())[3], "resumable at 7 steps done");
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
