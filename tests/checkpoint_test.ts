import { join } from "node:path";
import { differences } from "../core/checkpoint/difference.ts";
import { checkpointTensors } from "../core/checkpoint/tensors.ts";
import { Arena } from "../core/engine/arena.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { writeSafetensors } from "../core/safetensors/write.ts";
import { writeNew, writeWhole } from "../cli/files.ts";
import {
  type CheckpointContent,
  findCheckpoint,
  pruneCheckpoints,
  readCheckpoint,
  writeCheckpoint,
} from "../training/checkpoint/checkpointFiles.ts";
import { everyMinutes, PhaseKeeper } from "../training/checkpoint/phaseKeeper.ts";
import { NO_SUMS, type Progress } from "../training/checkpoint/progress.ts";
import { machineInfo } from "../training/identity.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { filesBelow } from "./commandTools.ts";
import { keeperOptions } from "./keeperTools.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

const SPECS = [{ name: "b", shape: [3] }, { name: "a.weight", shape: [2, 2] }, { name: "c", shape: [17] }];
const content = (iteration: number): CheckpointContent => ({
  iteration,
  run: { seed: 0, config: { epochs: 3, betas: [0.9, 0.95] } },
  start: "2026-01-01T00:00:00Z",
  progress: { epochs: [] },
});

/** An arena in which every number is different. */
function filled(from = 0, specs = SPECS): Arena {
  const arena = new Arena(specs);
  for (const { parameter, region } of checkpointTensors(arena)) {
    const view = arena.view(parameter, region);
    view.set(view.map((_, i) => from + i + 0.5));
    from += 100;
  }
  return arena;
}

/** All that a checkpoint keeps of an arena. */
function numbers(arena: Arena): number[] {
  return checkpointTensors(arena).flatMap(({ parameter, region }) => [...arena.view(parameter, region)]);
}

/** Changes one byte of a file. */
async function flip(path: string, at: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes.set([bytes.at(at)! ^ 1], at < 0 ? bytes.length + at : at);
  await Deno.writeFile(path, bytes);
}

Deno.test("a checkpoint is a pair of files that any safetensors reader reads, and comes back as it was", () =>
  inFolder(async (folder) => {
    const arena = filled(), name = await writeCheckpoint(folder, content(7), arena, { kind: "test" });
    assertEqual(await filesBelow(folder), [`${name}.json`, `${name}.safetensors`, "latest.json"]);
    assertEqual(name, "checkpoint-00000007");
    const { tensors, metadata } = readSafetensors(await Deno.readFile(join(folder, `${name}.safetensors`)));
    assertEqual([tensors.size, metadata.kind], [9, "test"]);
    assertEqual([...tensors.get("moment1/b")!.data], [...arena.view("b", "moment1")]);
    assertEqual(JSON.parse(await Deno.readTextFile(join(folder, "latest.json"))), { checkpoint: name });
    const found = await findCheckpoint(folder, () => {}), again = new Arena(SPECS);
    assertEqual([found!.header.iteration, found!.header.run, found!.header.progress], [7, content(7).run, {
      epochs: [],
    }]);
    await readCheckpoint(folder, found!, again);
    assertEqual(numbers(again), numbers(arena));
  }));

Deno.test("findCheckpoint() goes by numbers, not by text", () =>
  inFolder(async (folder) => {
    assertEqual(await findCheckpoint(folder, () => {}), undefined);
    assertEqual(await findCheckpoint(join(folder, "not there"), () => {}), undefined);
    const newest = async () => (await findCheckpoint(folder, () => {}))!.header;
    for (const iteration of [99_999_999, 100_000_000, 5]) {
      await writeCheckpoint(folder, content(iteration), filled(), {});
    }
    assertEqual((await newest()).iteration, 100_000_000);
    await pruneCheckpoints(folder, 2);
    assertEqual((await filesBelow(folder)).filter((name) => name.endsWith(".safetensors")), [
      "checkpoint-100000000.safetensors",
      "checkpoint-99999999.safetensors",
    ]);
    await pruneCheckpoints(folder, 0);
    assertEqual(await filesBelow(folder), []);
  }));

Deno.test("a damaged checkpoint is named with both hashes, and the one before is used", () =>
  inFolder(async (folder) => {
    for (const iteration of [1, 2, 3]) await writeCheckpoint(folder, content(iteration), filled(iteration), {});
    const file = join(folder, "checkpoint-00000003.safetensors"), said: string[] = [];
    await flip(file, -1);
    assertEqual((await findCheckpoint(folder, (text) => said.push(text)))!.header.iteration, 2);
    assertTrue(
      /^Cannot use checkpoint .*3\.safetensors: its SHA-256 is [0-9a-f]{64}, want [0-9a-f]{64}$/.test(said[0]),
      said[0],
    );
    await Deno.writeTextFile(join(folder, "checkpoint-00000002.json"), "{");
    await Deno.remove(join(folder, "checkpoint-00000001.safetensors"));
    said.length = 0;
    assertEqual(await findCheckpoint(folder, (text) => said.push(text)), undefined);
    await record("checkpoint", {
      promise: "A damaged checkpoint is named with both hashes and not used; the one before is",
      how: "a flipped bit, a broken JSON, a missing file; tensors of another model; another config, named by key",
      count: "3 damages, 3 other models, 4 other runs",
    });
    assertEqual(said.map((text) => text.split(": ").slice(1).join(": ").slice(0, 24)), [
      "its SHA-256 is " + said[0].split("its SHA-256 is ")[1].slice(0, 9),
      "it is no JSON, want what",
      "no such file or director",
    ]);
  }));

Deno.test("a checkpoint whose JSON was edited is named and not used: another step, another file, no time, nested without end", () =>
  inFolder(async (folder) => {
    await writeCheckpoint(folder, content(1), filled(1), {});
    const name = await writeCheckpoint(folder, content(2), filled(2), {}), path = join(folder, `${name}.json`);
    const whole = JSON.parse(await Deno.readTextFile(path)), deep = `${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`;
    const edits: Record<string, string> = {
      "it is of step 1 with checkpoint-00000002.safetensors": JSON.stringify({ ...whole, iteration: 1 }),
      "with /dev/zero, want": JSON.stringify({ ...whole, tensors: { ...whole.tensors, file: "/dev/zero" } }),
      "at start: ": JSON.stringify({ ...whole, start: "yesterday" }),
      "it is nested over 100 deep": JSON.stringify({ ...whole, run: { x: 1 } }).replace('"x":1', `"x":${deep}`),
    };
    for (const [words, text] of Object.entries(edits)) {
      const said: string[] = [];
      await Deno.writeTextFile(path, text);
      assertEqual((await findCheckpoint(folder, (line) => said.push(line)))?.header.iteration, 1, words);
      assertTrue(said.length === 1 && said[0].includes(words), said.join());
    }
    await record("edited-checkpoint", {
      promise: "An edited checkpoint is named and not used; the one before is",
      how: "another step, another file, no time, an object nested 100,000 deep",
      count: "4 edits",
    });
  }));

Deno.test("a checkpoint with two tensors of equal shapes in each other's place is named and not used", () =>
  inFolder(async (folder) => {
    const specs = [...SPECS, { name: "d", shape: [3] }];
    for (const iteration of [1, 2]) await writeCheckpoint(folder, content(iteration), filled(iteration, specs), {});
    const path = join(folder, "checkpoint-00000002.safetensors"),
      { tensors, metadata } = readSafetensors(
        await Deno.readFile(path),
      );
    const [b, d] = ["value/b", "value/d"].map((name) => tensors.get(name)!);
    assertTrue(String(b.data) !== String(d.data), "the tensors are two");
    const swapped = new Map([...tensors, ["value/b", d], ["value/d", b]] as const);
    const bytes = writeSafetensors([...swapped], metadata);
    assertEqual(bytes.length, (await Deno.stat(path)).size);
    await Deno.writeFile(path, bytes);
    const said: string[] = [];
    assertEqual((await findCheckpoint(folder, (text) => said.push(text)))!.header.iteration, 1);
    assertTrue(said.length === 1 && said[0].includes("its SHA-256 is"), said.join());
    await record("checkpoint-swapped", {
      promise: "A damaged checkpoint is named with both hashes and not used; the one before is",
      how: "two tensors of equal shapes change places",
      count: "1 exchange",
    });
  }));

Deno.test("tensors without their JSON are no checkpoint, and are removed with the next pruning", () =>
  inFolder(async (folder) => {
    await writeCheckpoint(folder, content(1), filled(), {});
    await Deno.writeTextFile(join(folder, "checkpoint-00000002.safetensors"), "half");
    assertEqual((await findCheckpoint(folder, (text) => assertEqual(text, "")))!.header.iteration, 1);
    await pruneCheckpoints(folder, 5);
    assertEqual((await filesBelow(folder)).filter((name) => name.includes("00000002")), []);
  }));

Deno.test("readCheckpoint() refuses tensors of another model by name", () =>
  inFolder(async (folder) => {
    const cases: [typeof SPECS, string][] = [
      [[...SPECS, { name: "d", shape: [1] }], "it holds no tensor 'value/d'"],
      [SPECS.slice(1), "the model has no tensor 'moment1/b'"],
      [[{ name: "b", shape: [1, 3] }, ...SPECS.slice(1)], "tensor 'moment1/b' is F32 [3], want F32 [1, 3]"],
    ];
    await writeCheckpoint(folder, content(1), filled(), {});
    const found = (await findCheckpoint(folder, () => {}))!;
    for (const [specs, message] of cases) {
      await assertRejects(() => readCheckpoint(folder, found, new Arena(specs)), message);
    }
  }));

Deno.test("PhaseKeeper.open() names the first key that differs, and how many more; code may be let pass", () =>
  inFolder(async (folder) => {
    const run = { seed: 0, config: { epochs: 3, batch: 8 }, hashes: { code: "a", lock: "b" } };
    const options = { ...keeperOptions(folder), run };
    await PhaseKeeper.open(options, "2026-01-01T00:00:00Z");
    assertEqual((await PhaseKeeper.open(options, "2026-01-02T00:00:00Z")).start, "2026-01-02T00:00:00Z");
    const with_ = (change: object, mayDiffer: string[] = []) =>
      PhaseKeeper.open({ ...options, run: { ...run, ...change }, mayDiffer }, "2026-01-02T00:00:00Z");
    await assertRejects(
      () => with_({ config: { epochs: 4, batch: 8 } }),
      `Cannot use ${folder}: config.epochs is 3 in phase.json, 4 now; want the same, or --fresh to start over`,
    );
    await assertRejects(
      () => with_({ config: { epochs: 4 }, seed: 1 }),
      "config.batch is 8 in phase.json, nothing now; 2 more",
    );
    const code = { hashes: { code: "c", lock: "b" } };
    await assertRejects(() => with_(code), "or --any-code to go on with other code");
    assertEqual((await with_(code, ["hashes"])).found, undefined);
    await assertRejects(() => with_({ ...code, seed: 2 }, ["hashes"]), "seed is 0 in phase.json, 2 now; want");
  }));

Deno.test("PhaseKeeper.open() lets another number of threads pass until there is a checkpoint", () =>
  inFolder(async (folder) => {
    const run = (threads: number) => ({ seed: 0, engine: { name: "compiled", threads } });
    const open = (threads: number) =>
      PhaseKeeper.open({ ...keeperOptions(folder, () => true), run: run(threads) }, "2026-01-01T00:00:00Z");
    await open(1);
    assertEqual((await open(2)).found, undefined);
    await assertRejects(
      () => PhaseKeeper.open({ ...keeperOptions(folder), run: { ...run(2), seed: 1 } }, "2026-01-01T00:00:00Z"),
      "seed is 0 in phase.json, 1 now",
    );
    await writeCheckpoint(folder, { ...content(3), run: run(2) }, filled(), {});
    await open(2);
    await assertRejects(() => open(1), "engine.threads is 2 in checkpoint-00000003, 1 now");
  }));

Deno.test("a phase that goes on on another processor says so, and its checkpoints and record name both", () =>
  inFolder(async (folder) => {
    const said: string[] = [], progress: Progress = { epochs: [], events: [], weights: {}, sums: NO_SUMS };
    const on = (processor: string) =>
      PhaseKeeper.open({ ...keeperOptions(folder), processor, say: (text) => said.push(text) }, "2026-01-01T00:00:00Z");
    await (await on("A (model 1)")).save({ arena: filled(), collect() {}, iteration: 1, progress });
    assertEqual([(await on("A (model 1)")).processors, said], [["A (model 1)"], []]);
    const other = await on("A (model 17)");
    assertEqual(said, [
      `${folder} goes on on another processor, A (model 17) after A (model 1): its numbers may be those of neither alone`,
    ]);
    await other.save({ arena: filled(), collect() {}, iteration: 2, progress });
    assertEqual((await findCheckpoint(folder, () => {}))!.header.processors, ["A (model 1)", "A (model 17)"]);
    assertEqual(machineInfo(other.processors).cpu, "A (model 1), then A (model 17)");
  }));

Deno.test("a checkpoint that cannot be written in mid-run is told and costs neither the run nor the last one", () =>
  inFolder(async (folder) => {
    const said: string[] = [], options = keeperOptions(folder, () => true);
    const phase = await PhaseKeeper.open(
      { ...options, keep: 1, say: (text) => said.push(text) },
      "2026-01-01T00:00:00Z",
    );
    const progress: Progress = { epochs: [], events: [], weights: {}, sums: NO_SUMS };
    await phase.offer({ arena: filled(), collect() {}, iteration: 1, progress });
    // Writing needs this name for a file.
    await Deno.mkdir(join(folder, "checkpoint-00000002.safetensors"));
    await phase.offer({ arena: filled(), collect() {}, iteration: 2, progress });
    assertTrue(said.length === 1 && said[0].endsWith("; the run goes on, its last checkpoint stays"), said.join());
    assertEqual((await findCheckpoint(folder, () => {}))!.header.iteration, 1);
    await assertRejects(() => phase.save({ arena: filled(), collect() {}, iteration: 2, progress }), "Cannot write");
    await phase.offer({ arena: filled(), collect() {}, iteration: 3, progress });
    assertEqual((await findCheckpoint(folder, () => {}))!.header.iteration, 3);
  }));

Deno.test("writeNew() lets one of many writers win, and leaves nothing of the others", () =>
  inFolder(async (folder) => {
    const path = join(folder, "result.json");
    const won = await Promise.all(Array.from({ length: 20 }, (_, k) => writeNew(path, `writer ${k}`)));
    assertEqual(won.filter(Boolean).length, 1);
    assertEqual(await Deno.readTextFile(path), `writer ${won.indexOf(true)}`);
    assertEqual(await filesBelow(folder), ["result.json"]);
  }));

Deno.test("writeWhole() takes content in parts, and keeps the old file when a part fails", () =>
  inFolder(async (folder) => {
    const path = join(folder, "file"), bytes = (text: string) => new TextEncoder().encode(text);
    await writeWhole(path, [bytes("one "), bytes("two")]);
    function* failing() {
      yield bytes("three");
      throw new Error("no more parts");
    }
    await assertRejects(() => writeWhole(path, failing()), "no more parts");
    assertEqual([await Deno.readTextFile(path), await filesBelow(folder)], ["one two", ["file"]]);
  }));

Deno.test("differences() names keys from the top, in order", () => {
  const before = { a: 1, b: { c: [1, 2], d: "x" } }, now = { b: { c: [1, 3], e: null }, a: 1 };
  assertEqual(differences(before, now), [
    { key: "b.c", before: "[1,2]", now: "[1,3]" },
    { key: "b.d", before: '"x"', now: "nothing" },
    { key: "b.e", before: "nothing", now: "null" },
  ]);
  assertEqual(differences(before, structuredClone(before)), []);
});

Deno.test("everyMinutes() is due once in so many minutes, and with 0 always", () => {
  let time = 0;
  const due = everyMinutes(2, () => time), always = everyMinutes(0, () => time);
  const at = (minutes: number) => (time = minutes * 60_000, due());
  assertEqual([at(0), at(1.9), at(2), at(3), at(4.1), at(5)], [false, false, true, false, true, false]);
  assertEqual([always(), always()], [true, true]);
});
