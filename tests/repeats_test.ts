import { loadReport } from "../reports/loadReport.ts";
import type { PhaseRecord } from "../records/schema.ts";
import { evidenceSection } from "../reports/render/markdown/evidenceSection.ts";
import { repeatsOf } from "../reports/scales/repeats.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { madeUpPretraining, madeUpRecords } from "./madeUpRecords.ts";

const CPU = "Example CPU (family 25, model 1, stepping 1)";
const onKnown = (record: PhaseRecord): PhaseRecord => ({ ...record, machine: { ...record.machine, cpu: CPU } });
const first = onKnown(madeUpPretraining());
const later: PhaseRecord = { ...first, start: "2026-01-03T00:00:00Z" };
const NONE = { phases: 0, alike: 0 };
const repeats = (...records: PhaseRecord[]) =>
  repeatsOf(records.map((record, k) => ({ id: String(k), href: "", record })));

Deno.test("repeatsOf() counts phases that were run again, on other days and by other code", () => {
  assertEqual(repeats(first), { phases: 0, otherCode: 0, otherDay: 0, alike: 0, unnamed: NONE });
  assertEqual(repeats(first, later), { phases: 1, otherCode: 0, otherDay: 1, alike: 1, unnamed: NONE });
  const other = { ...first, hashes: { ...first.hashes, code: "b".repeat(64) } };
  assertEqual(repeats(first, other, later), { phases: 1, otherCode: 1, otherDay: 1, alike: 1, unnamed: NONE });
});

Deno.test("repeatsOf() finds weights and accuracies that differ", () => {
  const [epochs] = Object.keys(first.weights);
  assertEqual(repeats(first, { ...later, weights: { [epochs]: "a".repeat(64) } }).alike, 0);
  assertEqual(repeats(first, { ...later, metrics: { top1: 1 } }).alike, 0);
  // Epochs of which one of them alone kept the weights say nothing.
  assertEqual(repeats(first, { ...later, weights: { ...first.weights, 1: "a".repeat(64) } }).alike, 1);
});

Deno.test("repeatsOf() holds no runs of another machine, engine or data against each other", () => {
  const { hashes, machine, engine } = first;
  assertEqual(repeats(first, { ...later, machine: { ...machine, cpu: CPU.replace("model 1", "model 17") } }).phases, 0);
  assertEqual(repeats(first, { ...later, engine: { ...engine, threads: 1 } }).phases, 0);
  assertEqual(repeats(first, { ...later, hashes: { ...hashes, data: "a".repeat(64) } }).phases, 0);
  // A name alone is that of processors of several kinds.
  const named = (record: PhaseRecord) => ({ ...record, machine: { ...machine, cpu: "Example CPU" } });
  assertEqual(repeats(named(first), named(later)).phases, 0);
});

Deno.test("repeatsOf() counts apart what a record without the kind of processor has in common with later ones", () => {
  const unnamed = { ...first, machine: { ...first.machine, cpu: "Example CPU" } };
  const other = {
    ...later,
    machine: { ...first.machine, cpu: CPU.replace("25", "26") },
    weights: { 5: "a".repeat(64) },
  };
  const found = (...records: PhaseRecord[]) => repeats(...records).unnamed;
  assertEqual(found(unnamed, later), { phases: 1, alike: 1 });
  assertEqual(found(unnamed, other), { phases: 1, alike: 0 });
  assertEqual(found(unnamed, other, later), { phases: 1, alike: 1 });
  assertEqual([found(unnamed, first), found(first, later)], [NONE, NONE], "the same day; no record without the kind");
  const weightless = [unnamed, later].map((record) => ({ ...record, weights: {} }));
  assertEqual(found(...weightless), NONE);
});

Deno.test("the page of evidence says whether runs come out the same again", async () => {
  const records = madeUpRecords({ rows: ["localmim"], change: onKnown });
  const again = records.map((one, k) => ({
    ...one,
    id: `${k}`.repeat(64),
    record: { ...one.record, start: later.start },
  }));
  const told = async (all: typeof records) => evidenceSection(await loadReport({ records: all }), "report");
  assertTrue(!(await told(records)).includes("come out the same"), "nothing was run again");
  assertTrue(
    (await told([...records, ...again])).includes(
      "**Does a run come out the same again?** Yes: 2 phases were run again on the same kind of machine, 2 of them on " +
        "another day and 0 by other code; all gave the same weights and accuracies, to the last bit.",
    ),
    "2 phases",
  );
  const unnamed = (one: typeof records[number]) => ({
    ...one,
    id: `f${one.id.slice(1)}`,
    record: { ...one.record, start: "2026-01-01T00:00:00Z", machine: { ...one.record.machine, cpu: "Example CPU" } },
  });
  const older = await told([...records, ...again, ...again.map(unnamed)]);
  assertTrue(older.includes("Of 2 phases whose first record does not name the kind, 2 came out the same"), older);
});
