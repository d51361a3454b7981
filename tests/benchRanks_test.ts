import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Context } from "../commands/bench/context.ts";
import { measureRanks, rankEntries, severalRanks } from "../commands/bench/items/ranks.ts";
import { failure, findLauncher, launch, launchArguments } from "../commands/bench/launcher.ts";
import { benchMarkdown } from "../commands/bench/markdown.ts";
import { type Bench, benchSchema } from "../commands/bench/model.ts";
import { race } from "../commands/bench/race.ts";
import { rankContestant, together } from "../commands/bench/rankContestant.ts";
import { parseFigures, type RankFigures } from "../commands/bench/rankFigures.ts";
import { iterationWith } from "../commands/bench/savings.ts";
import { benchText } from "../commands/bench/table.ts";
import { drawnImages, MODEL, objectiveOf, SCHEDULE } from "../commands/bench/trainer.ts";
import { exchangeBytes } from "../core/cost/exchange.ts";
import { Arena } from "../core/engine/arena.ts";
import { sizeOf } from "../core/engine/program.ts";
import { createOptimizer } from "../core/optim/createOptimizer.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { openMpi } from "../distributed/mpi/library.ts";
import { Clock } from "../training/clock.ts";
import { Exchange } from "../training/exchange.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { inFolder } from "./reportTools.ts";

/** Repetitions of the given seconds, of which exchange takes `exchange` and AdamW 0.25. */
function repetitions(seconds: number[], exchange = 0) {
  return seconds.map((value) => ({ seconds: value, parts: { hog: 0, step: 1, exchange, optimizer: 0.25 } }));
}

/** 2 s alone, 2.5 s beside another, 4 s in one piece, 3.125 s overlapped. */
const FIGURES: RankFigures = {
  library: "Made-up MPI 1.2",
  steps: {
    alone: repetitions([2, 1.9, 2.1]),
    apart: repetitions([2.5, 2.25, 2.75]),
    whole: repetitions([4, 3.5, 4.5], 1.5),
    overlapped: repetitions([3.125, 3, 3.5], 0.375),
  },
  bytes: [359_664_640, 206_427_392, 32_334_976],
  allReduces: [
    { frozen: 0, repetitions: repetitions([0.5, 0.25, 0.75]) },
    { frozen: 2, repetitions: repetitions([0.0625, 0.03125, 0.125]) },
  ],
};

function madeUpBench(): Bench {
  return {
    kind: "vitfreeze.bench",
    schemaVersion: 1,
    start: "2026-01-02T03:04:05.000Z",
    command: "deno task bench --only ranks",
    settings: { items: ["ranks"], quick: false, threads: 2, batch: 8 },
    machine: { cpu: "Made-up CPU", cores: 2, memory: 2 ** 34, os: "linux", arch: "x86_64", load: 0.25 },
    versions: { deno: "1.2.3" },
    peer: null,
    entries: rankEntries(FIGURES),
    freeze: null,
    ranks: severalRanks(FIGURES, 8),
  };
}

/** Runs a test with a shell script in place of mpirun. */
function withScript(body: string, work: (program: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    const program = join(folder, "mpirun");
    await Deno.writeTextFile(program, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    await work(program);
  });
}

/** What an item measures with; tells what it says. */
function contextOf(said: string[]): Context {
  const settings = { items: ["ranks" as const], quick: true, threads: 2, batch: 2 };
  return { settings, jpegs: [], say: (line) => said.push(line), signal: new AbortController().signal };
}

Deno.test("a real update of ViT-B hands over exchangeBytes() of its state, and the padding of its tensors", async () => {
  const objective = objectiveOf(drawnImages(1), 1, "cut"), { parameters } = objective, arena = new Arena(parameters);
  const adamw = await createOptimizer(objective.optimizer, arena);
  adamw.update = () => {}; // would touch 1.4 GB
  const reduced: number[] = [], clock = new Clock([]);
  const ranks: Ranks = { ...ALONE, size: 2, reduce: ({ length }) => Promise.resolve(void reduced.push(length)) };
  const exchange = new Exchange(ranks, arena, adamw), shapes = new Map(parameters.map((one) => [one.name, one.shape]));
  const bytes = [];
  for (let frozen = 0; frozen <= MODEL.depth; frozen++) {
    const iteration = iterationWith(SCHEDULE, frozen), state = freezeState(SCHEDULE, iteration);
    const updates = objective.updates(iteration, objective.stretch(iteration, 1));
    bytes.push(await exchange.update(updates, 1, clock));
    const padding = updates.reduce((sum, { name }) => sum + 4 * (arena.padded(name) - sizeOf(shapes.get(name)!)), 0);
    assertEqual(bytes[frozen], exchangeBytes(MODEL, state) + padding, `${frozen} frozen layers`);
    assertEqual(bytes[frozen], 4 * reduced.splice(0).reduce((sum, floats) => sum + floats, 0), "what was summed");
  }
  assertEqual(bytes, [
    359_664_640,
    357_299_200,
    328_947_712,
    295_976_320,
    267_624_832,
    234_778_880,
    206_427_392,
    178_075_904,
    149_724_416,
    121_372_928,
    93_021_440,
    60_686_464,
    32_334_976,
  ]);
});

Deno.test("together: the last rank's seconds, the mean of each part", () => {
  const [own, other] = [{ seconds: 2, parts: { exchange: 1 } }, { seconds: 3, parts: { exchange: 0.5 } }];
  assertEqual(together([own, other]), { seconds: 3, parts: { exchange: 0.75 } });
  assertEqual(together([other, own]), { seconds: 3, parts: { exchange: 0.75 } });
});

Deno.test("rankContestant: all begin together and learn how long all took; who only waits does nothing", async () => {
  const log: string[] = [];
  /** One of two ranks; the other one took 3 s, half a second of them for the exchange, where both work. */
  const rankOf = (rank: number): Ranks => ({
    ...ALONE,
    rank,
    size: 2,
    wait: (where) => Promise.resolve(void log.push(where)),
    sum(where, values = []) {
      log.push(where);
      const other = [3, 0, 0, 0.5, 0], own = [2, 0, 0, 1, 0], none = [0, 0, 0, 0, 0];
      if (values.length === 5) assertEqual(values, rank === 0 ? own : none);
      else assertEqual(values, rank === 0 ? [...own, ...none] : [...none, ...own]);
      return Promise.resolve(values.length === 5 ? own : [...other, ...own]);
    },
  });
  const once = () => {
    log.push("work");
    return Promise.resolve({ seconds: 2, parts: { exchange: 1 } });
  };
  const both = { seconds: 3, parts: { hog: 0, step: 0, exchange: 0.75, optimizer: 0 } };
  const alone = { seconds: 2, parts: { hog: 0, step: 0, exchange: 1, optimizer: 0 } };
  for (const rank of [0, 1]) {
    assertEqual(await rankContestant(rankOf(rank), "a", once).once(), both);
    assertEqual(log.splice(0), ["start of a", "work", "end of a"]);
    const contestants = [rankContestant(rankOf(rank), "b", once, 1)];
    const [{ repetitions }] = await race(contestants, { warmup: 0, kept: 1 }, () => Promise.resolve());
    assertEqual(repetitions, [alone]);
    assertEqual(log.splice(0), rank === 0 ? ["start of b", "work", "end of b"] : ["start of b", "end of b"]);
  }
});

Deno.test("parseFigures reads rank 0's line and refuses anything else in one line", async () => {
  assertEqual(parseFigures(`${JSON.stringify(FIGURES)}\n`), FIGURES);
  const { alone: _, ...fewer } = FIGURES.steps, line = JSON.stringify(FIGURES);
  const refused: [string, string][] = [
    ["", "found '' (the whole: "],
    ["hello\n", "found 'hello' (the whole: "],
    [`${line}\n${line}\n`, "(the whole: "],
    [JSON.stringify({ ...FIGURES, steps: fewer }), "(steps.alone: "],
    [JSON.stringify({ ...FIGURES, bytes: [0.5] }), "(bytes.0: "],
  ];
  for (const [text, wanted] of refused) {
    const message = await assertRejects(() => parseFigures(text), wanted);
    assertTrue(message.endsWith("), want one line of JSON from rank 0") && !message.includes("\n"), message);
  }
});

Deno.test("rankEntries are medians of each way, of exchange and update, and of the unfrozen all-reduce", () => {
  const entries = rankEntries(FIGURES).map((
    { name, unit, ours: { median, n }, ratio },
  ) => [name, unit, median, n, ratio]);
  assertEqual(entries, [
    ["1 process: step", "s", 2, 3, null],
    ["2 processes, no exchange: step", "s", 2.5, 3, null],
    ["2 ranks, not overlapped: step", "s", 4, 3, null],
    ["2 ranks, overlapped: step", "s", 3.125, 3, null],
    ["2 ranks, not overlapped: exchange", "s", 1.5, 3, null],
    ["2 ranks, not overlapped: AdamW", "s", 0.25, 3, null],
    ["2 ranks, overlapped: exchange", "s", 0.375, 3, null],
    ["2 ranks, overlapped: AdamW", "s", 0.25, 3, null],
    ["2 ranks: all-reduce by itself", "s", 0.5, 3, null],
  ]);
});

Deno.test("severalRanks: efficiencies by hand, all-reduces where they were timed, predictions for 8 nodes", () => {
  const { library, efficiency, states, predicted } = severalRanks(FIGURES, 8);
  assertEqual(library, "Made-up MPI 1.2");
  assertEqual(efficiency, { machine: 2 / 2.5, exchange: 2.5 / 4, whole: 2 / 4, overlap: 4 / 3.125 });
  assertAlmostEqual(efficiency.machine * efficiency.exchange, efficiency.whole, 1e-15, "rounding of one product");
  assertEqual(states, [
    { frozen: 0, bytes: 359_664_640, allReduce: { median: 0.5, min: 0.25, max: 0.75, n: 3 } },
    { frozen: 1, bytes: 206_427_392, allReduce: null },
    { frozen: 2, bytes: 32_334_976, allReduce: { median: 0.0625, min: 0.03125, max: 0.125, n: 3 } },
  ]);
  assertEqual(
    predicted.map(({ frozen, nodes, gigabitsPerSecond }) => [frozen, nodes, gigabitsPerSecond]),
    [[0, 8, 10], [0, 8, 100], [2, 8, 10], [2, 8, 100]],
  );
  // By hand: each of 8 nodes sends 7/4 of its 359,664,560 bytes at 10^10 bits a second.
  assertAlmostEqual(predicted[0].exchangeSeconds, 7 / 4 * 359_664_560 * 8 / 1e10, 1e-12, "rounding");
  assertAlmostEqual(predicted[1].exchangeSeconds, predicted[0].exchangeSeconds / 10, 1e-12, "rounding");
  // The update, 28 bytes a parameter at 40 GB/s, hides behind the slow exchange but for one of 11 buckets.
  const update = 7 * 359_664_560 / 40e9, { seconds, exchangeSeconds, efficiency: slow } = predicted[0];
  const without = seconds - exchangeSeconds - update / 11 + update;
  assertAlmostEqual(slow, without / seconds, 1e-12, "rounding");
});

Deno.test("text and Markdown have a section on several ranks, its predictions marked; old JSON has none", () => {
  const bench = madeUpBench(), markdown = benchMarkdown(bench), text = benchText(bench);
  assertEqual(benchSchema.parse(JSON.parse(JSON.stringify(bench))), bench);
  const section = markdown.slice(markdown.indexOf("## Several ranks"));
  for (
    const line of [
      "| sharing the machine | 1 process | 2 processes, no exchange | 0.800 |",
      "| exchanging gradients | 2 processes, no exchange | 2 ranks, not overlapped | 0.625 |",
      "| both | 1 process | 2 ranks, not overlapped | 0.500 |",
      "| not overlapping | 2 ranks, overlapped | 2 ranks, not overlapped | 0.781 |",
      "| 0 | 360 MB | 0.500 s |",
      "| 1 | 206 MB | - |",
      "| 2 | 32.3 MB | 0.063 s |",
      "2 ranks by Made-up MPI 1.2, 1 thread and batch 8 each; quotients of median step times:",
      "Predicted by the cost model, not measured: nodes with its 2-core CPU, one rank and batch 8 each:",
    ]
  ) assertTrue(section.split("\n").includes(line), `${line} is not in ${section}`);
  assertTrue(/^\| 0 \| 8 \| 10 Gb\/s \| 1\.\d\d s \| 0\.504 s \| 0\.\d{3} \|$/m.test(section), section);
  assertTrue(/^both +1 process +2 ranks, not overlapped +0\.500$/m.test(text), text);
  assertTrue(text.split("\n").every(({ length }) => length <= 100), "a line is longer than 100");
  const { ranks: _, ...old } = bench;
  assertEqual(benchSchema.parse(old), old);
  assertEqual(benchMarkdown(old).includes("ranks by"), false);
});

Deno.test("findLauncher tells Open MPI's mpirun from MPICH's and refuses what is neither, or not there", async () => {
  for (
    const [said, family] of [
      ["mpirun (Open MPI) 4.1.4", "Open MPI"],
      ["HYDRA build details:", "MPICH"],
      ["Intel(R) MPI Library for Linux* OS, Version 2021.12", "MPICH"],
    ] as const
  ) {
    await withScript(`echo '${said}'`, async (program) => {
      assertEqual(await findLauncher(program), { program, family });
    });
  }
  await withScript("echo LAM/MPI", async (program) => {
    const wanted = /^Cannot use .*: it calls itself 'LAM\/MPI', want Open MPI's or MPICH's$/;
    await assertRejects(() => findLauncher(program), wanted);
  });
  const missing = join("nowhere", "mpirun");
  await assertRejects(() => findLauncher(missing), /^Cannot start nowhere.mpirun: .*, want Open MPI's or MPICH's$/);
});

Deno.test("only Open MPI is told not to bind ranks", () => {
  assertEqual(launchArguments({ program: "x", family: "Open MPI" }, 2, ["a", "b"]), [
    "-n",
    "2",
    "--bind-to",
    "none",
    "a",
    "b",
  ]);
  assertEqual(launchArguments({ program: "x", family: "MPICH" }, 2, ["a"]), ["-n", "2", "a"]);
});

Deno.test("a job that fails is one line: a rank's own words, else the launcher's, else its exit code", async () => {
  assertEqual(failure("---\nerror: rank 1 on a:  Cannot x\nerror: rank 0 on a: y\n"), "rank 1 on a: Cannot x");
  const killed = "mpirun noticed that process rank 1 exited on signal 9 (Killed).";
  assertEqual(failure(`-----\nPrimary job  terminated normally, but\n\n  ${killed}\nmore\n`), killed);
  assertEqual(failure("-----\nThere are not enough\n  slots.\n-----\n"), "There are not enough slots.");
  assertEqual(failure("\n---\n"), undefined);
  const { signal } = new AbortController();
  await withScript("echo 'error: rank 0 on a: too few cores' >&2; exit 3", async (program) => {
    const run = () => launch({ program, family: "MPICH" }, 2, [], signal);
    const message = "Cannot measure several ranks: rank 0 on a: too few cores, want 2 processes that train";
    assertEqual(await assertRejects(run, message), message);
  });
  await withScript("exit 3", async (program) => {
    await assertRejects(() => launch({ program, family: "MPICH" }, 2, [], signal), ": exit code 3, want");
  });
});

Deno.test("a job is ended when the bench is interrupted", () =>
  withScript("exec sleep 60", async (program) => {
    const control = new AbortController();
    const running = launch({ program, family: "MPICH" }, 2, [], control.signal);
    control.abort(new Error("interrupted by a test"));
    await assertRejects(() => running, "interrupted by a test");
  }));

Deno.test("where there is no mpirun the item says so in one line and measures nothing", async () => {
  const said: string[] = [];
  assertEqual(await measureRanks(contextOf(said), join("nowhere", "mpirun")), { entries: [] });
  assertEqual(said.length, 1);
  assertTrue(/^ranks: skipped: Cannot start nowhere.mpirun: .*$/.test(said[0]), said[0]);
});

/** Whether the item gets as far as to start ranks. */
function canStart(): boolean {
  try {
    openMpi("Open MPI");
    return availableParallelism() > 1;
  } catch {
    return false;
  }
}
const startable = canStart();
if (!startable) console.log("skipped: no Open MPI library, or one core, for a job of a made-up mpirun");
Deno.test({
  name: "the item starts two processes with batch and repetitions, and makes entries and section of rank 0's line",
  ignore: !startable,
  fn: () =>
    withScript(
      `if [ "$1" = --version ]; then echo 'mpirun (Open MPI) 4.1.4'; exit; fi
      echo "$*" > "$0.words"
      echo '${JSON.stringify(FIGURES)}'`,
      async (program) => {
        const said: string[] = [], measured = await measureRanks(contextOf(said), program);
        assertEqual(measured, { entries: rankEntries(FIGURES), ranks: severalRanks(FIGURES, 2) });
        assertEqual(said, []);
        const words = (await Deno.readTextFile(`${program}.words`)).trim().split(" ");
        assertEqual(words.slice(0, 4), ["-n", "2", "--bind-to", "none"]);
        assertTrue(words.at(-4)!.endsWith("commands/bench/rankSteps.ts"), words.join(" "));
        assertEqual(words.slice(-3), ["2", "1", "3"]);
      },
    ),
});
