import { join } from "node:path";
import { rateEntry, shareEntry, timeEntry } from "../commands/bench/entries.ts";
import { commandText } from "../commands/bench/facts.ts";
import { parseCommand } from "../commands/bench/flags.ts";
import { benchSvg } from "../commands/bench/drawing.ts";
import { savingOf } from "../commands/bench/items/freeze.ts";
import { main, readBench } from "../commands/bench/main.ts";
import { benchMarkdown } from "../commands/bench/markdown.ts";
import { type Bench, benchSchema, type FreezeTime } from "../commands/bench/model.ts";
import { Peer } from "../commands/bench/peer.ts";
import { peakBytes } from "../commands/bench/peakMemory.ts";
import { type Contestant, race } from "../commands/bench/race.ts";
import { referenceSavings } from "../commands/bench/references.ts";
import { frozenShares, iterationWith, savedPercent } from "../commands/bench/savings.ts";
import { rate, summarise } from "../commands/bench/statistics.ts";
import { benchText } from "../commands/bench/table.ts";
import { SCHEDULE } from "../commands/bench/trainer.ts";
import { freezeState } from "../core/schedules/freezeState.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { command, inFolder } from "./reportTools.ts";

const noPause = () => Promise.resolve();

/** A contestant whose repetitions take the given seconds in turn; it logs each one. */
function madeUp(name: string, seconds: number[], log: string[] = []): Contestant {
  let k = 0;
  return {
    name,
    once() {
      log.push(name);
      return Promise.resolve({ seconds: seconds[k++], parts: { hog: 0.5 } });
    },
  };
}

/** A state whose step takes `seconds` beside an unfrozen step of 2 s; HOG takes half a second of either. */
function madeUpState(frozen: number, backward: "cut" | "live", seconds: number): FreezeTime {
  return {
    frozen,
    backward,
    seconds: summarise([seconds]),
    secondsWithoutHog: summarise([seconds - 0.5]),
    baseline: summarise([2]),
    baselineWithoutHog: summarise([1.5]),
    event: 0.25,
  };
}

const longest = "blocks 192x12, 64 tokens, batch 64";

async function madeUpBench(): Promise<Bench> {
  const [ours, peer] = await race(
    [madeUp("ours", [9, 2, 2.5, 3]), madeUp("as released", [9, 4, 5, 6])],
    { warmup: 1, kept: 3 },
    noPause,
  );
  const states = [madeUpState(0, "cut", 2), madeUpState(0, "live", 2.02), madeUpState(12, "cut", 1)];
  return {
    kind: "vitfreeze.bench",
    schemaVersion: 1,
    start: "2026-01-02T03:04:05.000Z",
    command: "deno task bench --quick",
    settings: { items: ["step", "freeze"], quick: true, threads: 2, batch: 2 },
    machine: { cpu: "Made-up CPU", cores: 2, memory: 2 ** 34, os: "linux", arch: "x86_64", load: 0.25 },
    versions: { deno: "1.2.3" },
    peer: { torch: "9.9", threads: 2, gflops: 171.25 },
    entries: [
      timeEntry("step", ours, peer),
      timeEntry("report", ours, undefined),
      rateEntry(longest, ours, peer, 9999),
    ],
    freeze: {
      states,
      savings: [{ backward: "cut", withHog: 17.25, withoutHog: 16.5, predicted: 15.5, predictedOperations: 14 }],
      published: 12.5,
      authors: 12.7,
    },
  };
}

Deno.test("summarise gives median, least, most and count; rate turns the ends round", () => {
  assertEqual(summarise([3, 1, 2]), { median: 2, min: 1, max: 3, n: 3 });
  assertEqual(summarise([4, 1, 2, 3]).median, 2.5);
  assertEqual(rate({ median: 2, min: 1, max: 4, n: 5 }, 8), { median: 4, min: 2, max: 8, n: 5 });
});

Deno.test("race alternates, begins each round with another contestant, and drops the warm-up", async () => {
  const log: string[] = [];
  const timed = await race(
    [madeUp("a", [9, 1, 2], log), madeUp("b", [8, 3, 4], log)],
    { warmup: 1, kept: 2 },
    noPause,
  );
  assertEqual(log, ["a", "b", "b", "a", "a", "b"]);
  assertEqual(timed.map(({ repetitions }) => repetitions.map(({ seconds }) => seconds)), [[1, 2], [3, 4]]);
});

Deno.test("timeEntry gives the ratio of medians of one race and refuses times of two", async () => {
  const rounds = { warmup: 0, kept: 3 };
  const [ours, peer] = await race([madeUp("ours", [1, 2, 3]), madeUp("peer", [5, 4, 9])], rounds, noPause);
  assertEqual(timeEntry("step", ours, peer), {
    name: "step",
    unit: "s",
    ours: { median: 2, min: 1, max: 3, n: 3 },
    peer: { name: "peer", median: 5, min: 4, max: 9, n: 3 },
    ratio: 2.5,
  });
  assertEqual(timeEntry("step", ours, peer, "hog").ratio, 1);
  assertEqual(shareEntry("HOG, share", ours, "hog").ours, { median: 25, min: 100 * 0.5 / 3, max: 50, n: 3 });
  const [stranger] = await race([madeUp("peer", [5, 4, 9])], rounds, noPause);
  await assertRejects(() => timeEntry("step", ours, stranger), "found two runs, want one");
});

Deno.test("frozenShares are those that freezeState gives iteration by iteration", () => {
  const shares = frozenShares(SCHEDULE), total = SCHEDULE.epochs * SCHEDULE.iterationsPerEpoch;
  const counts = shares.map(() => 0), every = 100;
  for (let iteration = 0; iteration < total; iteration += every) {
    counts[freezeState(SCHEDULE, iteration).liveLayers.filter((live) => !live).length]++;
  }
  assertEqual(shares.length, 13);
  // A share is counted in pieces of a thousandth of the run.
  shares.forEach((share, n) => assertAlmostEqual(counts[n] * every / total, share, 0.0011, `${n} frozen layers`));
  assertAlmostEqual(shares.reduce((sum, share) => sum + share, 0), 1, 1e-12, "sum of the shares");
  shares.forEach((_, n) => assertEqual(freezeState(SCHEDULE, iterationWith(SCHEDULE, n)).firstLiveLayer, n));
});

Deno.test("savedPercent integrates relative step times, states between the measured ones on a line", async () => {
  assertAlmostEqual(savedPercent([0.5, 0.25, 0.25], new Map([[0, 1], [1, 0.8], [2, 0.4]])), 20, 1e-9);
  assertAlmostEqual(savedPercent([0.5, 0.25, 0.25], new Map([[0, 1], [2, 0.4]])), 22.5, 1e-9);
  await assertRejects(() => savedPercent([0.5, 0.5], new Map([[0, 1]])), "no time for 1 frozen layers");
});

Deno.test("savingOf: a step that gets shorter by one part in 26 per layer saves what the freezing times say", () => {
  const states = Array.from({ length: 13 }, (_, n) => madeUpState(n, "cut", 2 - n / 13));
  const { withHog, withoutHog } = savingOf(states, "cut", 8);
  // By hand: t_i = (0.8 + 0.2 i / 12)^3 counts from the end of the ten epochs of warm-up; layer i saves 1/26 after it.
  const after = Array.from({ length: 12 }, (_, i) => 0.9 * (1 - (0.8 + 0.2 * i / 12) ** 3));
  const byHand = 100 * after.reduce((sum, share) => sum + share, 0) / 26;
  assertAlmostEqual(withHog, byHand, 1e-9);
  assertAlmostEqual(withHog, 11.7225, 1e-9);
  // The same seconds are saved from 1.5 s instead of 2 s.
  assertAlmostEqual(withoutHog, withHog * 2 / 1.5, 1e-9);
});

Deno.test("referenceSavings: 12.5 % in print, 12.7 % in the author's logs", async () => {
  const { published, authors } = await referenceSavings();
  assertAlmostEqual(published, 12.5, 1e-9);
  assertAlmostEqual(authors, 12.7, 0.05, "rounded to one decimal");
});

Deno.test("the JSON of a run is read back as it was written; anything else is refused", async () => {
  const bench = await madeUpBench();
  assertEqual(benchSchema.parse(bench), bench);
  await inFolder(async (folder) => {
    const path = join(folder, "bench.json");
    Deno.writeTextFileSync(path, JSON.stringify(bench));
    assertEqual(await readBench(path), bench);
    Deno.writeTextFileSync(path, JSON.stringify({ ...bench, entries: [{ name: "step" }] }));
    await assertRejects(() => readBench(path), "entries.0.unit");
    Deno.writeTextFileSync(path, "{");
    await assertRejects(() => readBench(path), "it is no JSON");
  });
});

Deno.test("text, Markdown and drawing show medians, ranges, ratio and savings", async () => {
  const bench = await madeUpBench(), text = benchText(bench), markdown = benchMarkdown(bench);
  assertTrue(/^step +2\.50 s +2\.00 … 3\.00 +3 +as released +5\.00 +2\.00x$/m.test(text), text);
  assertTrue(/^report +2\.50 s +2\.00 … 3\.00 +3 +no peer +-$/m.test(text), text);
  assertTrue(text.split("\n").every(({ length }) => length <= 100), "a line is longer than 100");
  assertTrue(
    markdown.includes("| step | 2.50 s | 2.00 … 3.00 | 3 | as released | 5.00 s | 4.00 … 6.00 | 3 | 2.00x |"),
    markdown,
  );
  assertTrue(markdown.includes("| 12 | 1.00 s | 0.500 | 0.250 s | - | - | - |"), markdown);
  assertTrue(markdown.includes("| backward pass cut | 17.3 % | 16.5 % | 15.5 % | 14.0 % |"), markdown);
  assertTrue(markdown.includes("- machine: Made-up CPU, 2 cores, 16.0 GiB"), markdown);
  const svg = benchSvg(bench);
  assertTrue(svg.startsWith("<svg") && svg.includes("2.00x") && svg.includes("cut: 17.3 % saved"), svg.slice(0, 400));
  assertEqual(svg.includes("NaN"), false);
  const none = benchSvg({ ...bench, entries: [], freeze: null });
  assertTrue(none.includes("No peer was measured"), none.slice(0, 400));
});

Deno.test("commandText keeps flags and drops folders", () => {
  assertEqual(
    commandText([
      "--peer-python",
      "/env/bin/python",
      "--json=/tmp/x.json",
      "--only",
      "hog,step",
      "--jpegs",
      "/a/b.tar,/c/d",
    ]),
    "deno task bench --peer-python python --json=x.json --only hog,step --jpegs b.tar,d",
  );
});

Deno.test("peakBytes reads the peak of the resident memory", async () => {
  assertEqual(peakBytes("VmPeak:\t  99 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), 2048 * 1024);
  await assertRejects(() => peakBytes("VmRSS:\t 1 kB\n"), "found no VmHWM");
});

Deno.test("parseCommand: all items at batch 8, quick at batch 2; items in their own order", () => {
  const { settings } = parseCommand([]);
  assertEqual([settings.items.length, settings.quick, settings.batch], [9, false, 8]);
  assertEqual(parseCommand(["--quick"]).settings.batch, 2);
  assertEqual(parseCommand(["--quick", "--batch", "4"]).settings.batch, 4);
  assertEqual(parseCommand(["--only", "step, hog"]).settings.items, ["hog", "step"]);
  const card = parseCommand(["--device", "cuda:1", "--tf32"]);
  assertEqual([card.settings.items, card.settings.batch, card.device.index], [["card"], 64, 1]);
});

Deno.test("parseCommand refuses what it cannot do", async () => {
  const refused: [string[], string][] = [
    [["--only", "hog,foo"], "Cannot measure 'foo'"],
    [["--only", "hog,hog"], "an item is named twice"],
    [["--threads", "0"], "--threads 0"],
    [["--batch", "65"], "from 1 to 64"],
    [["--json", ""], "--json ''"],
    [["--theads", "3"], "did you mean --threads?"],
    [["extra"], "unexpected word 'extra'"],
    [["--only", "card"], "Cannot measure card: want --device webgpu or --device cuda"],
    [["--device", "webgpu", "--only", "card,step"], "Cannot measure step with --device"],
    [["--tf32"], "Cannot use --tf32: it has no effect with --device cpu"],
    [["--from", "x.json", "--device", "webgpu"], "Cannot use --device"],
    [["--from", "x.json", "--quick"], "Cannot use --quick"],
  ];
  for (const [args, wanted] of refused) await assertRejects(() => parseCommand(args), wanted);
});

/** A program that speaks the protocol of peers; `body` answers one line. */
const fakePeer = (start: string, body: string) =>
  `console.log(${start});
  import * as readline from "node:readline";
  readline.createInterface({ input: process.stdin }).on("line", (line) => { ${body} });
  import process from "node:process";`;
const READY = `JSON.stringify({ ready: true, torch: Deno.args.join("+"), threads: 2, gflops: 10 })`;

/** Starts a peer that Deno runs instead of Python. */
async function withFake(source: string, work: (start: () => Promise<Peer>) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const script = join(folder, "peer.ts");
    Deno.writeTextFileSync(script, source);
    await work(() => Peer.start({ python: Deno.execPath(), threads: 2, batch: 8, script }));
  });
}

Deno.test("a peer tells its facts, runs by name, tells its memory, and ends", async () => {
  const body = `console.log(line === "memory" ? '{"peakBytes": 4096}' : JSON.stringify({ seconds: line.length }))`;
  await withFake(fakePeer(READY, body), async (start) => {
    const peer = await start();
    assertEqual(peer.facts, { torch: "2+8", threads: 2, gflops: 10 });
    assertEqual(await peer.run("abc"), { seconds: 7, parts: {} });
    const [timed] = await race([peer.contestant("abcd", "fake")], { warmup: 1, kept: 2 }, noPause);
    assertEqual(timed.repetitions.map(({ seconds }) => seconds), [8, 8]);
    assertEqual(await peer.peakBytes(), 4096);
    await peer.stop();
  });
});

Deno.test("a peer without torch, one that ends, and one that talks nonsense are reported in one line", async () => {
  await withFake(`console.log('{"error": "no torch"}')`, async (start) => {
    await assertRejects(start, /^Cannot use --peer-python .*: no torch, want a Python with torch$/);
  });
  await withFake("", async (start) => void await assertRejects(start, "for its start: it has ended"));
  await withFake(fakePeer(READY, `console.log("hello")`), async (start) => {
    const peer = await start();
    await assertRejects(() => peer.run("x"), "for run x: 'hello'");
    await peer.stop();
  });
  await withFake(fakePeer(READY, "process.exit(3)"), async (start) => {
    const peer = await start();
    await assertRejects(() => peer.run("x"), "it has ended");
    await peer.stop();
  });
});

Deno.test("bench ends with one line for a missing Python, a bad flag and an unwritable file", async () => {
  await inFolder(async (folder) => {
    for (
      const [args, wanted] of [
        [["--only", "hog", "--peer-python", join(folder, "python")], "Cannot start --peer-python"],
        [["--only", "nothing"], "Cannot measure 'nothing'"],
        [["--only", "hog", "--json", folder], "it is a folder, want a file"],
        [["--from", join(folder, "none.json")], "no such file"],
      ] as const
    ) {
      const { code, err } = await command("commands/bench/main.ts", ...args);
      assertEqual([code, err.trim().split("\n").length], [1, 1], err);
      assertTrue(err.startsWith("error: ") && err.includes(wanted), err);
    }
  });
});

Deno.test("--from writes the tables of an earlier run anew", async () => {
  const bench = await madeUpBench();
  await inFolder(async (folder) => {
    const json = join(folder, "bench.json"), markdown = join(folder, "bench.md");
    Deno.writeTextFileSync(json, JSON.stringify(bench));
    const log = console.log, lines: string[] = [];
    console.log = (line: string) => lines.push(line);
    try {
      assertEqual(await main(["--from", json, "--markdown", markdown]), 0);
    } finally {
      console.log = log;
    }
    assertEqual(Deno.readTextFileSync(markdown), benchMarkdown(bench));
    assertTrue(lines.join("\n").endsWith(benchText(bench)), lines.join("\n"));
  });
});
