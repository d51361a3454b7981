import { join } from "node:path";
import { entered, readLedger, writeLedger } from "../records/ledger.ts";
import { resultId } from "../records/identity.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { madeUpRun } from "./madeUpRun.ts";
import { inFolder } from "./reportTools.ts";

const stored = [0, 1].map((seed) => {
  const result = madeUpRun({ seed, row: "vitfreeze" });
  return { id: resultId(result), path: "", result };
});

Deno.test("entered() keeps what is known and adds what is new, sorted, each once", () => {
  const gone = { id: "a".repeat(64), experiment: "table17", profile: "tiny", row: "localmim", seed: 3 };
  const ledger = entered([gone], stored.toReversed());
  assertEqual(ledger.map(({ row, seed }) => [row, seed]), [["localmim", 3], ["vitfreeze", 0], ["vitfreeze", 1]]);
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
    const path = join(folder, "ledger.tsv"), head = "id\texperiment\tprofile\trow\tseed";
    await Deno.writeTextFile(path, "id,row\n");
    await assertRejects(() => readLedger(folder), "ledger.tsv: its first line is 'id,row', want 'id\\texperiment");
    await Deno.writeTextFile(path, `${head}\n${"b".repeat(64)}\ttable17\ttiny\tlocalmim\t0\nabc\n`);
    await assertRejects(() => readLedger(folder), "ledger.tsv: line 3: found 'abc', want id, experiment");
    await Deno.writeTextFile(path, `${head}\n${"b".repeat(64)}\ttable17\ttiny\tlocalmim\t-1\n`);
    await assertRejects(() => readLedger(folder), "ledger.tsv: line 2");
  });
});
