import { join } from "node:path";
import { entered, readLedger, writeLedger } from "../../../records/ledger.ts";
import { assertEqual } from "../../assert.ts";
import { madeUpRecords } from "../../madeUpRecords.ts";
import { type Mutant, mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

/** The ledger of results. What is accepted must be written and read back as the same. */
export const ledgers = fuzzReader("ledgers", 1, async (folder) => {
  const path = join(folder, "ledger.tsv");
  await writeLedger(folder, entered([], madeUpRecords({ rows: ["localmim"] })));
  const samples = [await Deno.readFile(path)];
  return {
    inputs: mutants(1),
    async read(mutant: Mutant) {
      await Deno.writeFile(path, mutate(samples, mutant));
      const ledger = await readLedger(folder);
      await writeLedger(folder, ledger);
      assertEqual(await readLedger(folder), ledger);
    },
  };
});
