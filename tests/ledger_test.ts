import { join } from "node:path";
import { entered, type LedgerEntry, readLedger, writeLedger } from "../records/ledger.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { inFolder } from "./reportTools.ts";

const stored = madeUpRecords({ rows: ["vitfreeze"], seeds: [0, 1] });

Deno.test("entered() keeps what is known and adds what is new, sorted, each once", () => {
  const gone: LedgerEntry = {
    id: "a".repeat(64),
    key: "b".repeat(64),
    kind: "finetune",
    seed: 3,
    experiment: "thesis.table11",
    profile: "ci",
  };
  const ledger = entered([gone], stored.toReversed());
  assertEqual(ledger.map(({ experiment, kind, seed }) => [experiment, kind, seed]), [
    ["thesis.table11", "finetune", 3],
    ["thesis.table17", "finetune", 0],
    ["thesis.table17", "finetune", 1],
    ["thesis.table17", "pretrain", 0],
    ["thesis.table17", "pretrain", 1],
  ]);
  assertEqual(entered(ledger, stored), ledger);
});

Deno.test("writeLedger() and readLedger() are inverse, and a folder without a ledger has an empty one", async () => {
  await inFolder(async (folder) => {
    assertEqual(await readLedger(folder), []);
    const ledger = entered([], stored);
    await writeLedger(folder, ledger);
    assertEqual(await readLedger(folder), ledger);
  });
});

Deno.test("readLedger() names the line that does not fit", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "ledger.tsv"), head = "id\tkey\tkind\tseed\texperiment\tprofile";
    const line = (kind: string, seed: string) => `${"b".repeat(64)}\t${"c".repeat(64)}\t${kind}\t${seed}\tx\tci\n`;
    await Deno.writeTextFile(path, "id,row\n");
    await assertRejects(() => readLedger(folder), "ledger.tsv: its first line is 'id,row', want 'id\\tkey\\tkind");
    await Deno.writeTextFile(path, `${head}\n${line("pretrain", "0")}abc\n`);
    await assertRejects(() => readLedger(folder), "ledger.tsv: line 3: found 'abc', want id, key, kind");
    for (const bad of [line("pretrain", "-1"), line("sleep", "0")]) {
      await Deno.writeTextFile(path, `${head}\n${bad}`);
      await assertRejects(() => readLedger(folder), "ledger.tsv: line 2");
    }
  });
});
