import { groupRuns, type LinkedResult } from "../reports/judging/blocks.ts";
import { scaleFacts } from "../reports/judging/scale.ts";
import { coreHash, resultId } from "../records/identity.ts";
import { type RowKey, rowKeys, type RunResult } from "../records/schema.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { type MadeUp, madeUpRun } from "./madeUpRun.ts";

function linked(runs: RunResult[]): LinkedResult[] {
  return runs.map((result) => ({ id: resultId(result), href: "", result }));
}

/** One run of each row and seed. */
function study(seeds: number, made: MadeUp = {}): RunResult[] {
  return Array.from({ length: seeds }, (_, seed) => rowKeys.map((row) => madeUpRun({ row, seed, ...made }))).flat();
}

const rowsOf = (runs: LinkedResult[]): RowKey[] => runs.map(({ result }) => result.row).sort();

Deno.test("groupRuns() separates profiles, threads and settings, and never the rows of one study", () => {
  const profiles = linked([...study(2), ...study(1, { profile: "small" })]);
  assertEqual(groupRuns(profiles, "localmim").map(({ profile, runs }) => [profile, runs.length]), [
    ["small", 4],
    ["tiny", 8],
  ]);
  const threads = groupRuns(linked([...study(1), ...study(1, { threads: 1 })]), "localmim");
  assertEqual(threads.map(({ runs }) => runs.length), [4, 4]);
  const facts = scaleFacts(threads[0], threads);
  assertTrue(facts.includes("Unlike other scales of this profile: engine.threads 1"), facts.join());
});

Deno.test("groupRuns() takes runs of the same ranks together, whatever the machines are called, and no others", () => {
  const ranks = (hosts: string[], accum?: number) => [{
    from: { phase: "pretrain" as const, iteration: 0 },
    library: "Open MPI 4.1.4",
    hosts,
    threads: 2,
    ...(accum !== undefined && { accum }),
  }];
  const with_ = (...all: ReturnType<typeof ranks>[]) =>
    groupRuns(
      linked(all.flatMap((ranks, seed) => rowKeys.map((row) => ({ ...madeUpRun({ row, seed }), ranks })))),
      "localmim",
    ).length;
  assertEqual(with_(ranks(["a", "a", "b"]), ranks(["y", "x", "x"])), 1);
  assertEqual(with_(ranks(["a", "b"]), ranks(["a", "a"])), 2);
  assertEqual(with_(ranks(["a", "b"]), ranks(["a", "b"], 2)), 2);
  const [shared] = groupRuns(
    linked([{ ...study(1)[0], ranks: [...ranks(["a", "b", "a"]), ...ranks(["a"], 2)] }]),
    "localmim",
  );
  const facts = scaleFacts(shared, [shared]);
  const wanted = "Processes: 3 on 2 machines, Open MPI 4.1.4; then one, 2 passes a step each";
  assertTrue(facts.includes(wanted), facts.join("\n"));
  const [run] = study(1), named = (hosts: string[]) => coreHash({ ...run, ranks: ranks(hosts) });
  assertEqual(named(["a", "b"]), named(["c", "d"]));
  assertTrue(named(["a", "b"]) !== named(["a", "a"]) && named(["a", "b"]) !== coreHash(run), "ranks do not count");
});

Deno.test("groupRuns() gives another t0 its own block, beside the same baseline", () => {
  const schedule = { t0: 0.7, power: 3, scaled: true };
  const runs = linked([...study(1), madeUpRun({ row: "vitfreeze", config: { schedule } })]);
  assertEqual(groupRuns(runs, "localmim").map(({ runs }) => rowsOf(runs)), [
    ["localmim", "vitfreeze"],
    [...rowKeys].sort(),
  ]);
});

Deno.test("groupRuns() refuses two settings of one row in one block", async () => {
  const schedule = { t0: 0.8, power: 3, scaled: true, srLr: 0.5 };
  const runs = linked([...study(1), madeUpRun({ row: "vitfreeze_srlr", seed: 1, config: { schedule } })]);
  await assertRejects(() => groupRuns(runs, "localmim"), "Cannot report row vitfreeze_srlr of profile tiny");
});

Deno.test("scaleFacts() says what was run, and warns when equal runs computed different numbers", () => {
  const facts = (runs: RunResult[]) => {
    const blocks = groupRuns(linked(runs), "localmim");
    return scaleFacts(blocks[0], blocks).join("\n");
  };
  const again = [madeUpRun({ seconds: 10 }), madeUpRun({ seconds: 12 })];
  assertTrue(facts(again).includes("Pre-training: 2 epochs, 3,200 images each"), facts(again));
  assertTrue(!facts(again).includes("Warning"), "equal numbers need no warning");
  const other = facts([...again, madeUpRun({ top1: 51 })]);
  assertTrue(other.includes("Warning: runs of localmim, seed 0 with equal settings"), other);
});
