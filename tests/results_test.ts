import { join } from "node:path";
import fc from "fast-check";
import { canonicalJson } from "../records/canonical.ts";
import { sha256 } from "../core/sha256.ts";
import { coreHash, resultCore, resultId } from "../records/identity.ts";
import type { RunResult } from "../records/schema.ts";
import { loadResults, readResult, saveResult } from "../records/store.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { madeUpRun } from "./madeUpRun.ts";
import { record } from "./reliability/record.ts";
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

Deno.test("saveResult() writes a file that loadResults() reads back, named by the hash of its bytes", async () => {
  await inFolder(async (folder) => {
    const result = madeUpRun({ row: "vitfreeze_srlr", seed: 3 });
    const { id, path } = await saveResult(folder, result);
    assertEqual(path, join(folder, `${id}.json`));
    assertEqual(id, sha256(await Deno.readFile(path)));
    assertEqual(id, resultId(result));
    assertEqual(await loadResults(folder), [{ id, path, result }]);
  });
});

Deno.test("saveResult() refuses a result that does not fit the schema and writes nothing", async () => {
  await inFolder(async (folder) => {
    const diverged = madeUpRun();
    diverged.pretrain.epochs[1].loss = NaN;
    await assertRejects(() => saveResult(folder, diverged), "pretrain.epochs.1.loss as JSON: found NaN");
    await assertRejects(() => saveResult(folder, { ...madeUpRun(), profile: "" }), "at profile");
    await assertRejects(() => saveResult(folder, { ...madeUpRun(), extra: 1 } as RunResult), 'key: "extra"');
    assertEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("readResult() names the file and both hashes when one bit is flipped, wherever it is", async () => {
  await inFolder(async (folder) => {
    const { id, path } = await saveResult(folder, madeUpRun());
    const bytes = await Deno.readFile(path);
    const places = Array.from({ length: 200 }, (_, k) => Math.floor(k * (bytes.length - 1) / 199));
    for (const at of places) {
      const tampered = bytes.slice();
      tampered[at] ^= 1;
      await Deno.writeFile(path, tampered);
      const message = await assertRejects(() => readResult(path), path);
      assertTrue(message.includes(`is ${sha256(tampered)}, want ${id}`), message);
    }
    await record("results", {
      promise: "A result is whole or absent, and its name is the hash of its content",
      how: "one bit flipped all over a result file: refused, with both hashes",
      count: `${places.length} flipped bits`,
    });
  });
});

Deno.test("readResult() refuses other names, other content and JSON that is not canonical", async () => {
  await inFolder(async (folder) => {
    const put = async (text: string) => {
      const path = join(folder, `${sha256(text)}.json`);
      await Deno.writeTextFile(path, text);
      return path;
    };
    const badName = join(folder, "run.json");
    await Deno.writeTextFile(badName, canonicalJson(madeUpRun()));
    await assertRejects(() => readResult(badName), "its name is 'run.json', want ");
    const noJson = await put("{");
    await assertRejects(() => readResult(noJson), "not JSON");
    const spaced = await put(JSON.stringify(madeUpRun(), null, 2));
    await assertRejects(() => readResult(spaced), "not in canonical form");
    const other = await put(canonicalJson({ ...madeUpRun(), row: "dino" }));
    await assertRejects(() => readResult(other), "at row");
    const nan = await put(canonicalJson(madeUpRun()).replace('"top1":50', '"top1":NaN'));
    await assertRejects(() => readResult(nan), "not JSON");
    const older = await put(canonicalJson({ ...madeUpRun(), schemaVersion: 0 }));
    await assertRejects(() => readResult(older), "written by an older version (schema 0), want schema 1");
    const newer = await put(canonicalJson({ ...madeUpRun(), schemaVersion: 2, more: true }));
    await assertRejects(() => readResult(newer), "written by a newer version (schema 2), want schema 1");
  });
});

Deno.test("coreHash() leaves out timings and nothing else", () => {
  const run = madeUpRun();
  const slower: RunResult = {
    ...run,
    start: "2027-01-01T00:00:00Z",
    end: "2027-01-01T01:00:00Z",
    pretrain: {
      ...run.pretrain,
      epochs: run.pretrain.epochs.map((e) => ({
        ...e,
        wallSeconds: 99,
        seconds: { hog: 9, step: 9, optimizer: 9, compile: 9 },
      })),
    },
    finetune: {
      ...run.finetune,
      epochs: run.finetune.epochs.map((e) => ({ ...e, wallSeconds: 99, seconds: { step: 9, optimizer: 9 } })),
    },
  };
  assertTrue(resultId(slower) !== resultId(run), "timings belong to the id");
  assertEqual(coreHash(slower), coreHash(run));
  const timings = ["start", "end", "seconds", "wallSeconds"];
  const without = JSON.parse(JSON.stringify(run), (key, value) => timings.includes(key) ? undefined : value);
  assertEqual(JSON.parse(canonicalJson(resultCore(run))), without);
});

Deno.test("coreHash() changes with every number that is no timing", () => {
  const run = madeUpRun();
  const changes: ((run: RunResult) => void)[] = [
    (run) => run.pretrain.epochs[1].loss += 1e-15,
    (run) => run.pretrain.epochs[0].lossPerStage[0] = null,
    (run) => run.finetune.epochs[0].lr *= 2,
    (run) => run.evaluation.top1 = 50.1,
    (run) => run.weights.finetune = "0".repeat(64),
    (run) => run.engine.threads = 1,
    (run) => run.seed = 1,
  ];
  const hashes = changes.map((change) => {
    const other = structuredClone(run);
    change(other);
    return coreHash(other);
  });
  assertEqual(new Set([coreHash(run), ...hashes]).size, changes.length + 1);
});

Deno.test("verify prints one line per file and every failure, and exits with 1", async () => {
  await inFolder(async (folder) => {
    const good = await saveResult(folder, madeUpRun({ seed: 1 }));
    const bad = [await saveResult(folder, madeUpRun({ seed: 2 })), await saveResult(folder, madeUpRun({ seed: 3 }))];
    const before = await command("commands/verify/main.ts", folder);
    assertEqual([before.code, before.out.trim().split("\n").at(-1)], [0, "3 verified, 0 failed"]);
    for (const { path } of bad) await Deno.writeTextFile(path, " ", { append: true });
    const after = await command("commands/verify/main.ts", folder);
    assertEqual(after.code, 1);
    const lines = after.out.trim().split("\n");
    assertEqual(lines.length, 4);
    assertTrue(lines.includes(`ok      ${good.path}: table17 tiny localmim seed 1`), after.out);
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
