import { join } from "node:path";
import fc from "fast-check";
import { checkOwn, readWhole, writeNew } from "../cli/files.ts";
import { hidesSomething, printable } from "../core/printable.ts";
import { parseCommand } from "../commands/repro/flags.ts";
import { writeFolder } from "../commands/report/output.ts";
import { sha256 } from "../core/sha256.ts";
import { checkTexts } from "../records/hashedFile.ts";
import type { Phase } from "../records/phase.ts";
import { readLedger } from "../records/ledger.ts";
import { parseRecord, readRecord, saveRecord } from "../records/store.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import { recordOf } from "../training/record.ts";
import { thinned } from "../reports/figures/thinned.ts";
import { readHeader } from "../training/checkpoint/checkpointFiles.ts";
import { finishedRecord } from "../training/phaseFolder.ts";
import { RunFolder } from "../training/checkpoint/runFolder.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { run, runWell } from "./commandTools.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

/** A named pipe into which nobody writes. */
async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assertTrue(success, "mkfifo");
}

const POSIX = Deno.build.os !== "windows";

Deno.test({
  name: "a pipe, a device, a folder and a socket are named at once where a file is meant",
  ignore: !POSIX,
  fn: () =>
    inFolder(async (folder) => {
      await makePipe(join(folder, "pipe"));
      await Deno.symlink(join(folder, "pipe"), join(folder, "link"));
      const said = (path: string, kind: string) =>
        assertRejects(() => readWhole(path), new RegExp(`^Cannot read .*: it is ${kind}, want a plain file$`));
      await said(join(folder, "pipe"), "a pipe");
      await said(join(folder, "link"), "a pipe");
      await said(folder, "a folder");
      await said("/dev/zero", "a device");
      const results = join(folder, "results");
      await Deno.mkdir(results);
      await makePipe(join(results, `${"0".repeat(64)}.json`));
      const verified = await run("verify", folder, "results");
      assertEqual(verified.code, 1);
      assertTrue(verified.out.includes("it is a pipe, want a plain file\n0 verified, 1 failed"), verified.out);
      for (const task of ["weights:list", "golden"] as const) {
        const { code, err } = await run(task, folder, "pipe");
        assertEqual([code, err], [1, "error: Cannot read pipe: it is a pipe, want a plain file\n"], task);
      }
      await record("plain-files", {
        promise: "What is no plain file is never read: nothing waits for ever, nothing takes memory without end",
        how: "pipes, a link to one, /dev/zero and a folder where a file is meant",
        count: "4 kinds, 3 commands",
      });
    }),
});

Deno.test({
  name: "a lock that is a link is refused, and what is behind it stays",
  ignore: !POSIX,
  fn: () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(join(folder, "thesis.txt"), "years of work");
      await Deno.mkdir(join(folder, "run"));
      await Deno.symlink("../thesis.txt", join(folder, "run/lock"));
      const want = /lock: it is a link, want a plain file$/;
      await assertRejects(() => RunFolder.take(join(folder, "run")), want);
      await assertRejects(() => RunFolder.holder(join(folder, "run")), want);
      await assertRejects(() => checkOwn(join(folder, "run/lock")), want);
      assertEqual(await Deno.readTextFile(join(folder, "thesis.txt")), "years of work");
      await checkOwn(join(folder, "none"));
    }),
});

Deno.test("writeNew() is whole or absent where a file system has no hard links, and the first one stays", () =>
  inFolder(async (folder) => {
    const path = join(folder, "result.json"), none = () => Promise.reject(new Deno.errors.PermissionDenied("no links"));
    assertEqual(await writeNew(path, "first", none), true);
    assertEqual(await writeNew(path, "second", none), false);
    assertEqual(await Deno.readTextFile(path), "first");
    assertEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["result.json"]);
  }));

Deno.test("printable() leaves nothing that moves a cursor, ends a line or turns the direction, and is told apart", () => {
  assertEqual(printable("a\x1b[2J\n\u202eb\ud800c\u2028\x85"), "a\\x1b[2J\\n\\u202eb\\ud800c\\u2028\\x85");
  assertEqual(printable("Übung 猫 🐈 – ’"), "Übung 猫 🐈 – ’");
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
    const shown = printable(text);
    assertTrue(!hidesSomething(shown) && shown.isWellFormed(), JSON.stringify(text));
    // deno-lint-ignore no-control-regex
    assertTrue(!/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(shown), JSON.stringify(shown));
  }));
});

Deno.test("a record tells names that hide something as they are shown, and a command line with such a text is refused", async () => {
  const [{ record: { phase, metrics, epochs, events, asked, hashes } }] = madeUpRecords({ rows: ["localmim"] });
  const list = { length: 3 }, outcome = { params: 1, imagesPerIteration: 1, epochs, events, metrics, weights: {} };
  const dataset = { name: "a\u202eb\n", classes: ["x"], train: list, test: list, skipped: 0, sha256: hashes.data };
  const engine = { name: "compiled", backend: "x", version: "1", threads: 1 } as const;
  const made = recordOf({ ...phase, from: undefined } as Phase, outcome, {
    ...{ asked, git: null, engine, processors: ["Example CPU"], startedFrom: null, start: "2026-01-01T00:00:00Z" },
    hashes: { code: hashes.code, methods: {}, lock: hashes.lock },
    dataset: dataset as unknown as ImageDataset,
    ranks: [{ from: 0, library: "", hosts: ["h\x1b[2J"], threads: 1 }],
  });
  assertEqual([made.dataset.name, made.ranks![0].hosts], ["a\\u202eb\\n", ["h\\x1b[2J"]]);
  checkTexts("the record", made);
  const hidden = ["thesis.table17", "--profile", "ci", "--set", 'data.classes="a\u202eb"'];
  await assertRejects(
    () => parseCommand(hidden),
    "Cannot use the command line: at set.0: 'data.classes=\"a\\u202eb\"' has",
  );
});

Deno.test("a record whose texts hide something is refused by key, and the files behind it are verified", () =>
  inFolder(async (folder) => {
    const [{ record: sound }] = madeUpRecords({ rows: ["localmim"] }), results = join(folder, "results");
    await Deno.mkdir(results);
    const put = async (profile: string) => {
      const text = JSON.stringify({ ...sound, asked: { ...sound.asked, profile } });
      const path = join(results, `${sha256(text)}.json`);
      await Deno.writeTextFile(path, text);
      return path;
    };
    const half = await put("\ud800"), forged = await put("\x1b[2J\nok      results/forged.json: all is well");
    await assertRejects(
      () => readRecord(half),
      `Cannot use ${half}: at asked.profile: '\\ud800' has half a surrogate pair`,
    );
    const { code, out } = await run("verify", folder, "results"), lines = out.trimEnd().split("\n");
    assertEqual([code, lines.length, lines[2]], [1, 3, "0 verified, 2 failed"]);
    assertTrue(!out.includes("\x1b") && lines.some((line) => line.includes("'\\x1b[2J\\nok ")), out);
    assertTrue(forged !== half, "two files");
  }));

Deno.test("texts that hide something are refused in a ledger, a phase's record and a checkpoint, too", () =>
  inFolder(async (folder) => {
    const [{ record: sound }] = madeUpRecords({ rows: ["localmim"] }), line = ["id", "key", "kind", "seed"].join("\t");
    const id = "0".repeat(64), ledger = `${line}\texperiment\tprofile\n${id}\t${id}\tknn\t0\tx\x1b[2J\tci\n`;
    await Deno.writeTextFile(join(folder, "ledger.tsv"), ledger);
    await assertRejects(() => readLedger(folder), /ledger\.tsv: line 2: found '.*x\\x1b\[2J/);
    const hidden = { ...sound, asked: { ...sound.asked, profile: "\ud800" } };
    await Deno.writeTextFile(join(folder, "record.json"), JSON.stringify(hidden));
    await assertRejects(
      () => finishedRecord(folder),
      "record.json: at asked.profile: '\\ud800' has half a surrogate pair",
    );
    await Deno.writeTextFile(join(folder, "checkpoint-00000001.json"), JSON.stringify({ run: { "a\u202e": 1 } }));
    await assertRejects(() => readHeader(folder, "checkpoint-00000001"), "at run: 'a\\u202e' has characters");
  }));

Deno.test("a record that ends before it began, for the clock was set back, is verified and shown like any other", () =>
  inFolder(async (folder) => {
    const [{ record: sound }] = madeUpRecords({ rows: ["localmim"] });
    await saveRecord(join(folder, "results"), { ...sound, end: "2001-01-01T00:00:00.000Z" });
    assertTrue(sound.start > "2001-01-02", "the clock went back");
    const { code, out } = await run("verify", folder, "results");
    assertEqual([code, out.trimEnd().split("\n").at(-1)], [0, "1 verified, 0 failed"]);
    const report = await runWell("report", folder, "--results", "results", "--out", "report");
    assertTrue(/\b1 records? of/.test(report.out), report.out);
  }));

Deno.test("a record has parts as a model has layers: 1,001 of them are refused by key, before anything is drawn of them", async () => {
  const [{ record: sound }] = madeUpRecords({ rows: ["localmim"] }), [epoch] = sound.epochs;
  const many = Array.from({ length: 1001 }, (_, k) => k), event = { kind: "freeze", at: 0, iteration: 0 } as const;
  const changes: Record<string, object> = {
    "epochs.0.losses: want at most 1000 names": {
      epochs: [{ ...epoch, losses: Object.fromEntries(many.map((k) => [`loss${k}`, 1])) }],
    },
    "epochs.0.rates: ": { epochs: [{ ...epoch, rates: many }] },
    "events: ": { events: [...many, ...many].map(() => event) },
  };
  for (const [words, change] of Object.entries(changes)) {
    await assertRejects(() => parseRecord("it", { ...sound, ...change }), `Cannot use it: at ${words}`);
  }
  assertEqual([thinned(many, 3), thinned(many.slice(0, 3), 3), thinned([], 3)], [[0, 334, 668], [0, 1, 2], []]);
});

Deno.test("writeFolder() writes all files or none", () =>
  inFolder(async (folder) => {
    const out = join(folder, "site"), file = join(out, "index.html");
    await writeFolder(out, new Map([["index.html", "old"]]));
    const names = () => [...Deno.readDirSync(out)].map(({ name }) => name).sort();
    const before = names();
    const tooLong = new Map([["index.html", "new"], ["a.html", "a"], [`figures/${"x".repeat(300)}.svg`, "x"]]);
    await assertRejects(() => writeFolder(out, tooLong), /file name too long$/);
    assertEqual([await Deno.readTextFile(file), names()], ["old", before]);
    await Deno.mkdir(join(out, "b.html"));
    await assertRejects(
      () => writeFolder(out, new Map([["index.html", "new"], ["b.html", "b"]])),
      /b\.html: it is a folder, want/,
    );
    assertEqual([await Deno.readTextFile(file), names()], ["old", [...before, "b.html"].sort()]);
  }));
