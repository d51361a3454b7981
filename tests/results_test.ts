import { join } from "node:path";
import fc from "fast-check";
import { canonicalJson } from "../records/canonical.ts";
import { sha256 } from "../core/sha256.ts";
import { coreHash, recordCore, recordId } from "../records/identity.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { loadRecords, readRecord, saveRecord } from "../records/store.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { madeUpPretraining, madeUpRecords } from "./madeUpRecords.ts";
import { record as entered } from "./reliability/record.ts";
import { command, inFolder } from "./reportTools.ts";

Deno.test("canonicalJson() gives the example of RFC 8785, section 3.2.2", () => {
  const value = {
    numbers: [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    literals: [null, true, false],
  };
  assertEqual(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

Deno.test("canonicalJson() sorts keys by UTF-16 units as in RFC 8785, section 3.2.3", () => {
  const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
  assertEqual(canonicalJson(value), '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"\u{1f600}":5,"\ufb33":3}');
});

Deno.test("canonicalJson() writes numbers as RFC 8785, appendix B", () => {
  const wanted: [number, string][] = [
    [-0, "0"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [1e21, "1e+21"],
    [9.999999999999997e22, "9.999999999999997e+22"],
    [1e-7, "1e-7"],
    [0.000001, "0.000001"],
    [333333333.33333325, "333333333.33333325"],
  ];
  for (const [value, text] of wanted) assertEqual(canonicalJson(value), text);
});

Deno.test("canonicalJson() does not depend on the order of keys and reads back as the same value", () => {
  fc.assert(fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
    const reversed = Object.fromEntries(Object.entries(value).reverse());
    assertEqual(canonicalJson(reversed), canonicalJson(value));
    assertEqual(canonicalJson(JSON.parse(canonicalJson(value))), canonicalJson(value));
  }));
});

Deno.test("canonicalJson() rejects a number that is not finite and says where it stands", async () => {
  await assertRejects(() => canonicalJson({ a: [1, { loss: NaN }] }), "a.1.loss as JSON: found NaN");
  await assertRejects(() => canonicalJson(-Infinity), "the value as JSON: found -Infinity");
});

Deno.test("sha256() gives the vector of FIPS 180-2", () => {
  assertEqual(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

Deno.test("saveRecord() writes a file that loadRecords() reads back, named by the hash of its bytes", async () => {
  await inFolder(async (folder) => {
    const [, { record }] = madeUpRecords({ rows: ["vitfreeze_srlr"], seeds: [3] });
    const { id, path } = await saveRecord(folder, record);
    assertEqual(path, join(folder, `${id}.json`));
    assertEqual(id, sha256(await Deno.readFile(path)));
    assertEqual(id, recordId(record));
    assertEqual(await loadRecords(folder), [{ id, path, record }]);
  });
});

Deno.test("saveRecord() refuses a record that does not fit the schema and writes nothing", async () => {
  await inFolder(async (folder) => {
    const diverged = madeUpPretraining(), whole = madeUpPretraining();
    diverged.epochs[1].losses.loss = NaN;
    await assertRejects(() => saveRecord(folder, diverged), "epochs.1.losses.loss as JSON: found NaN");
    await assertRejects(() => saveRecord(folder, { ...whole, key: "" }), "at key");
    await assertRejects(() => saveRecord(folder, { ...whole, extra: 1 } as PhaseRecord), 'key: "extra"');
    assertEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("readRecord() names the file and both hashes when one bit is flipped, wherever it is", async () => {
  await inFolder(async (folder) => {
    const { id, path } = await saveRecord(folder, madeUpPretraining());
    const bytes = await Deno.readFile(path);
    const places = Array.from({ length: 200 }, (_, k) => Math.floor(k * (bytes.length - 1) / 199));
    for (const at of places) {
      const tampered = bytes.slice();
      tampered[at] ^= 1;
      await Deno.writeFile(path, tampered);
      const message = await assertRejects(() => readRecord(path), path);
      assertTrue(message.includes(`is ${sha256(tampered)}, want ${id}`), message);
    }
    await entered("results", {
      promise: "A result is whole or absent, and its name is the hash of its content",
      how: "one bit flipped all over a result file: refused, with both hashes",
      count: `${places.length} flipped bits`,
    });
  });
});

Deno.test("readRecord() refuses other names, other content and JSON that is not canonical", async () => {
  await inFolder(async (folder) => {
    const put = async (text: string) => {
      const path = join(folder, `${sha256(text)}.json`);
      await Deno.writeTextFile(path, text);
      return path;
    };
    const record = madeUpRecords()[1].record;
    const badName = join(folder, "run.json");
    await Deno.writeTextFile(badName, canonicalJson(record));
    await assertRejects(() => readRecord(badName), "its name is 'run.json', want ");
    const noJson = await put("{");
    await assertRejects(() => readRecord(noJson), "not JSON");
    const spaced = await put(JSON.stringify(record, null, 2));
    await assertRejects(() => readRecord(spaced), "not in canonical form");
    const other = await put(canonicalJson({ ...record, phase: { ...record.phase, kind: "sleep" } }));
    await assertRejects(() => readRecord(other), "at phase.kind");
    const nan = await put(canonicalJson(record).replace('"top1":50', '"top1":NaN'));
    await assertRejects(() => readRecord(nan), "not JSON");
    const run = await put(canonicalJson({ kind: "vitfreeze.run", schemaVersion: 1, row: "localmim" }));
    await assertRejects(() => readRecord(run), "it holds a whole run (schema 1), want one record a phase (schema 2)");
    const older = await put(canonicalJson({ ...record, schemaVersion: 0 }));
    await assertRejects(() => readRecord(older), "written by an older version (schema 0), want schema 2");
    const newer = await put(canonicalJson({ ...record, schemaVersion: 3, more: true }));
    await assertRejects(() => readRecord(newer), "written by a newer version (schema 3), want schema 2");
  });
});

Deno.test("coreHash() leaves out timings, who asked, and nothing else", () => {
  const record = madeUpPretraining("vitfreeze");
  const slower: PhaseRecord = {
    ...record,
    asked: { experiment: "thesis.table11", profile: "laptop", set: [] },
    git: null,
    startedFrom: "a".repeat(64),
    start: "2027-01-01T00:00:00Z",
    end: "2027-01-01T01:00:00Z",
    epochs: record.epochs.map((epoch) => ({
      ...epoch,
      wallSeconds: 99,
      seconds: { step: 9 },
      stepSpread: { p10: 1, p50: 2, p90: 3 },
      load: 4,
    })),
  };
  assertTrue(recordId(slower) !== recordId(record), "timings belong to the id");
  assertEqual(coreHash(slower), coreHash(record));
  const timings = ["start", "end", "seconds", "wallSeconds", "stepSpread", "load", "asked", "git", "startedFrom"];
  const without = JSON.parse(JSON.stringify(record), (key, value) => timings.includes(key) ? undefined : value);
  assertEqual(JSON.parse(canonicalJson(recordCore(record))), without);
});

Deno.test("coreHash() changes with every number that is no timing", () => {
  const record = madeUpRecords()[1].record;
  const changes: ((record: PhaseRecord) => void)[] = [
    (record) => record.epochs[1].losses.loss! += 1e-15,
    (record) => record.epochs[0].losses.loss = null,
    (record) => record.epochs[0].rates[0] *= 2,
    (record) => record.metrics.top1 = 50.1,
    (record) => record.weights[2] = "0".repeat(64),
    (record) => record.engine.threads = 1,
    (record) => record.phase.seed = 1,
  ];
  const hashes = changes.map((change) => {
    const other = structuredClone(record);
    change(other);
    return coreHash(other);
  });
  assertEqual(new Set([coreHash(record), ...hashes]).size, changes.length + 1);
});

Deno.test("verify prints one line per file and every failure, and exits with 1", async () => {
  await inFolder(async (folder) => {
    const [{ record }, ...others] = madeUpRecords({ rows: ["localmim"], seeds: [1, 2] });
    const good = await saveRecord(folder, record), bad = [];
    for (const { record } of others.slice(0, 2)) bad.push(await saveRecord(folder, record));
    const before = await command("commands/verify/main.ts", folder);
    assertEqual([before.code, before.out.trim().split("\n").at(-1)], [0, "3 verified, 0 failed"]);
    for (const { path } of bad) await Deno.writeTextFile(path, " ", { append: true });
    const after = await command("commands/verify/main.ts", folder);
    assertEqual(after.code, 1);
    const lines = after.out.trim().split("\n"), key = record.key.slice(0, 12);
    assertEqual(lines.length, 4);
    assertTrue(lines.includes(`ok      ${good.path}: pretrain thesis.table17 ci seed 1 key ${key}`), after.out);
    for (const { path, id } of bad) {
      assertTrue(lines.some((line) => line.startsWith(`FAILED  Cannot use ${path}`) && line.endsWith(id)), after.out);
    }
    assertEqual(lines[3], "1 verified, 2 failed");
  });
});

Deno.test("verify says in one line that a folder is missing or a flag unknown", async () => {
  const missing = await command("commands/verify/main.ts", "no/such/folder");
  assertEqual([missing.code, missing.out], [1, ""]);
  assertEqual(missing.err, "error: Cannot read the results folder no/such/folder: no such file or directory\n");
  const unknown = await command("commands/verify/main.ts", "--fast");
  assertEqual(unknown.code, 1);
  assertTrue(
    unknown.err.startsWith("error: Cannot read the command line") && unknown.err.split("\n").length === 2,
    unknown.err,
  );
});
