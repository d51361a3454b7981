import canonicalize from "canonicalize";
import fc from "fast-check";
import { sha256 } from "../../../core/sha256.ts";
import { coreHash, recordId } from "../../../records/identity.ts";
import { loadRecords } from "../../../records/store.ts";
import { assertEqual } from "../../assert.ts";
import { madeUpPretraining } from "../../madeUpRecords.ts";
import { mutants, mutate } from "../edits.ts";
import { editJson, jsonEdit, jsonText } from "../jsonEdits.ts";
import { fuzzReader } from "../reader.ts";

/** Canonical JSON, or, where values are nested too deeply for it, any JSON that `text` makes. */
function canonical(value: unknown): string {
  try {
    return canonicalize(value) ?? "";
  } catch {
    return jsonText(value);
  }
}

/** Result files, most of them under the name that their bytes ask for. What is accepted must keep its identity. */
export const results = fuzzReader("results", 3, (folder) => {
  const run = madeUpPretraining("vitfreeze"), text = new TextEncoder(), samples = [text.encode(canonical(run))];
  const change = fc.oneof(
    fc.record({ mutant: mutants(1) }),
    fc.record({ edits: fc.array(jsonEdit, { maxLength: 2 }) }),
  );
  return {
    inputs: fc.record({ change, named: fc.nat(9).map((n) => n > 0) }),
    async read({ change, named }) {
      const bytes = "mutant" in change
        ? mutate(samples, change.mutant)
        : text.encode(canonical(editJson(run, change.edits)));
      const path = `${folder}/${named ? sha256(bytes) : "f".repeat(64)}.json`;
      await Deno.writeFile(path, bytes);
      try {
        const [{ id, record }] = await loadRecords(folder);
        assertEqual([id, recordId(record)], [sha256(bytes), sha256(bytes)]);
        coreHash(record);
      } finally {
        await Deno.remove(path);
      }
    },
  };
});
