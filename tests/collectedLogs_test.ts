import type { ParsedLog } from "../reports/logs/model.ts";
import { parseLog, readLog } from "../reports/logs/readLog.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { chunked, EPOCHS, madeUpLog } from "./madeUpLog.ts";
import { inFolder } from "./reportTools.ts";

/** Characters after which these collectors break a line. */
const PART = 50;
const TIME = "2026-01-02T03:04:05.678Z";

const parsed = async (text: string): Promise<ParsedLog> => await parseLog(chunked(text, 1000));

/** The parts that a line is broken into, and whether each is the last one. */
function partsOf(line: string): { part: string; last: boolean }[] {
  const count = Math.max(1, Math.ceil(line.length / PART));
  return Array.from({ length: count }, (_, k) => ({
    part: line.slice(k * PART, (k + 1) * PART),
    last: k === count - 1,
  }));
}

Deno.test("parseLog() puts together what docker and Kubernetes have split over records, and reads collectors that never end a line", async () => {
  const text = madeUpLog(), lines = text.trimEnd().split("\n"), { run } = await parsed(text);
  const ways: Record<string, (part: string, last: boolean) => string> = {
    docker: (part, last) => JSON.stringify({ log: last ? `${part}\n` : part, stream: "stdout", time: TIME }),
    "Kubernetes' flags": (part, last) => `${TIME} stdout ${last ? "F" : "P"} ${part}`,
    "Kubernetes' tags": (part, last) => JSON.stringify({ log: part, stream: "stdout", logtag: last ? "F" : "P" }),
    "docker's marks": (part, last) =>
      JSON.stringify({ log: part, partial_message: "true", partial_last: String(last), source: "stdout" }),
  };
  for (const [name, way] of Object.entries(ways)) {
    const split = lines.flatMap((line) => partsOf(line).map(({ part, last }) => way(part, last)));
    assertTrue(split.length > 2 * lines.length, "no line was split");
    const log = await parsed(split.join("\n") + "\n");
    assertEqual([log.run, log.warnings, log.lines], [run, [], split.length], name);
    // Another stream's lines come in between.
    const other = name === "Kubernetes' flags"
      ? `${TIME} stderr F a warning`
      : JSON.stringify({ log: "a warning\n", stream: "stderr" });
    const mixed = await parsed(split.flatMap((record) => [record, other]).join("\n") + "\n");
    assertEqual([mixed.run, mixed.warnings], [run, []], name);
  }
  const bare = lines.map((line) => JSON.stringify({ log: line, stream: "stdout" }));
  assertEqual((await parsed(bare.join("\n"))).run, run, "a collector that takes the breaks off");
  const few = await parsed(
    bare.slice(0, 1).concat(bare.slice(1, 20).map((record) => JSON.stringify({ message: JSON.parse(record).log })))
      .join("\n"),
  );
  assertEqual(few.run.epochs.map(({ epoch }) => epoch), [0], "some records of each kind");
  const several = await parsed(JSON.stringify({ message: text }) + "\n");
  assertEqual(several.run, run, "all lines in one record");
});

Deno.test("parseLog() reads epochs that are counted from 1 as those that are counted from 0", async () => {
  const { run } = await parsed(madeUpLog());
  const from = (first: number, text: string, of = true) =>
    text.replace(/Epoch: \[(\d+)\]/g, (_, epoch) => `Epoch: [${Number(epoch) + first}${of ? `/${EPOCHS}` : ""}]`);
  for (const [first, of] of [[0, true], [1, true], [1, false]] as const) {
    const log = await parsed(from(first, madeUpLog(), of));
    assertEqual([log.warnings, log.starts[0].epochs], [[], { first: 0, last: 11 }], `${first} ${of}`);
    const { series, ...rest } = log.run, { series: places, ...wanted } = run;
    assertEqual(rest, wanted, `${first} ${of}`);
    series.to.forEach((to, k) => assertAlmostEqual(to, places.to[k], 1e-12)); // taken off one: floats
  }
  // A run that was broken off, and its rest in a log of its own.
  const begun = await parsed(from(1, madeUpLog({ last: 5, ends: false })));
  assertEqual(begun.run.epochs.map(({ epoch }) => epoch), [0, 1, 2, 3, 4, 5]);
  const rest = await parsed(from(1, madeUpLog({ first: 6 })));
  assertEqual(rest.run.epochs.map(({ epoch }) => epoch), [6, 7, 8, 9, 10, 11]);
  assertEqual(
    rest.warnings,
    ["epochs 0 to 5 are missing", "the run is not complete: its last epoch is 11 of 0 to 11"].slice(
      0,
      rest.warnings.length,
    ),
  );
  const middle = await parsed(from(1, madeUpLog({ first: 4, last: 6, ends: false })));
  assertEqual(
    middle.warnings[0],
    "epochs are taken as counted from 0: the log begins at [5/12] and does not tell",
  );
});

/** Logs of several processes, each above the one before, by line; rank 0 has the lowest loss. */
function ofRanks(ranks: number[]): string[][] {
  return ranks.map((rank) => {
    const args = { rank: String(rank), gpu: String(rank), world_size: String(ranks.length) };
    return madeUpLog({ args, loss: (at) => 0.2 + 0.01 * rank + 0.1 / (1 + at) }).trimEnd().split("\n");
  });
}

Deno.test("parseLog() takes rank 0 where the order of the lines tells it, and says so", async () => {
  const texts = ofRanks([2, 0, 1]), { run } = await parsed(texts[1].join("\n"));
  const log = await parsed(texts[0].flatMap((_, k) => texts.map((own) => own[k])).join("\n"));
  assertEqual([log.run.epochs, log.run.series, log.starts.length, log.processes], [run.epochs, run.series, 1, 3]);
  assertEqual(log.warnings, [
    "3 lines of each step and no sign of their processes: by their order, those of rank 0 are taken, 0.2077 to 0.2277 in the last one",
  ]);
  // In another order at every step nothing tells which one is which.
  const turned = texts[0].flatMap((_, k) => texts.map((_, p) => texts[k < 2 ? p : (p + k) % 3][k]));
  const { run: middle, warnings } = await parsed(turned.join("\n"));
  assertEqual(middle.epochs, (await parsed(texts[2].join("\n"))).run.epochs);
  assertTrue(warnings[0].includes("the median of their losses is taken"), warnings[0]);
});

Deno.test("parseLog() knows the number of processes from their recipes: one that runs ahead, one that prints alone, a late line", async () => {
  const texts = ofRanks([0, 1, 2]), heads = texts.map((own) => own[0]), bodies = texts.map((own) => own.slice(1));
  const { run } = await parsed(texts[1].join("\n"));
  // The first process is two lines ahead of the others from the beginning.
  const ahead = bodies[0].flatMap((_, k) => [bodies[0][k + 2], bodies[1][k], bodies[2][k]].filter(Boolean));
  const log = await parsed([...heads, ...bodies[0].slice(0, 2), ...ahead].join("\n"));
  assertEqual([log.run.epochs, log.starts.length, log.processes], [run.epochs, 1, 3]);
  const alone = await parsed([...heads, ...bodies[0]].join("\n"));
  assertEqual([alone.run.epochs, alone.processes, alone.warnings], [
    (await parsed(texts[0].join("\n"))).run.epochs,
    1,
    [],
  ]);
  const together = bodies[0].flatMap((_, k) => bodies.map((own) => own[k]));
  const moved = together.toSpliced(90, 0, ...together.splice(8, 1));
  const late = await parsed([...heads, ...moved].join("\n"));
  assertEqual([late.starts.length, late.warnings.at(-1)], [1, "1 line of a slow process is not used"]);
});

Deno.test("parseLog() tells processes apart by hosts, loggers' ranks and launchers' times, and reads journald's, Loki's and others' records", async () => {
  const texts = ofRanks([1, 0]), { run } = await parsed(texts[1].join("\n"));
  const prefixes: Record<string, (rank: number) => string> = {
    "DeepSpeed, pdsh": (rank) => `worker-${rank}: `,
    "node and process": (rank) => `gpu-a100-${rank}: 0: `,
    "a logger": (rank) => `2026-01-02 03:04:05,678 INFO [rank${rank}] `,
    "a logger in brackets": (rank) => `[2026-01-02 03:04:05][INFO][rank ${rank}] `,
    "mpiexec -l": (rank) => `[${rank}] `,
    Horovod: (rank) => `Fri Jan  2 03:04:05 2026[1,${rank}]<stdout>: `,
    "kubectl, a job with an index": (rank) => `[pod/train-${rank}-x7k2p/main] `,
  };
  for (const [name, prefix] of Object.entries(prefixes)) {
    const lines = texts[0].flatMap((_, k) => [1, 0].map((rank) => prefix(rank) + texts[1 - rank][k]));
    const log = await parsed(lines.join("\n"));
    assertEqual([log.run, log.processes, log.warnings], [run, 2, []], name);
  }
  const records: Record<string, (line: string) => string> = {
    journald: (line) => JSON.stringify({ MESSAGE: line, _PID: "1" }),
    Loki: (line) => JSON.stringify({ line, labels: { a: "b" } }),
    "a list": (line) => `${JSON.stringify({ message: line })},`,
    "more numbers behind": (line) => line.replace(/max mem: 1000$/, "max mem: 1000 MB  peak: 9 GB"),
  };
  for (const [name, record] of Object.entries(records)) {
    assertEqual((await parsed(texts[1].map(record).join("\n"))).run, run, name);
  }
  const other = await assertRejects(() => parsed(`${texts[1][0]}\n{"event": "Epoch 1"}\n`), "no epoch was finished");
  assertTrue(other.endsWith(`the first line that is not read is '{"event": "Epoch 1"}'`), other);
});

Deno.test("readLog() reads UTF-16 as Windows' shells write it, either way round", () =>
  inFolder(async (folder) => {
    const text = `Größe 数\n${madeUpLog()}`, path = `${folder}/x.log`;
    const { run, lines } = await parsed(text);
    for (const little of [true, false]) {
      const bytes = new Uint8Array(2 * text.length + 2), view = new DataView(bytes.buffer);
      [..."\ufeff", ...text.split("")].forEach((unit, k) => view.setUint16(2 * k, unit.charCodeAt(0), little));
      await Deno.writeFile(path, bytes);
      const log = await readLog(path);
      assertEqual([log.run, log.lines], [run, lines]);
    }
  }));
