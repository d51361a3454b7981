import { table11 } from "../experiments/thesis/table11.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { planOf } from "../experiments/plan.ts";
import { phaseKey } from "../records/phase.ts";
import { hoursWithLoading, totalHours } from "../records/readings.ts";
import { ranText } from "../reports/render/numbers.ts";
import { loadReport } from "../reports/loadReport.ts";
import { readResults } from "../records/folder.ts";
import { readTimes, saveTimes, type TimesRecord, wholeEpochs } from "../records/times.ts";
import { judge } from "../reports/judging/verdicts.ts";
import { scalesOf } from "../reports/scales/scale.ts";
import { scaleSummary } from "../reports/scales/summary.ts";
import { measurementOf, timesAt, usedTimes } from "../reports/scales/times.ts";
import { loadClaimSets, loadClaimSources } from "../reports/sources/claimSets.ts";
import { tableOf } from "../reports/sources/publishedWorks.ts";
import { evidenceOf } from "../reports/tables/evidence.ts";
import { filledTable } from "../reports/tables/fills.ts";
import { measuredAt } from "../reports/tables/measured.ts";
import { tableReport } from "../reports/tables/tableReport.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { madeUpPretraining, madeUpRecords } from "./madeUpRecords.ts";

const sources = await loadClaimSources();
const claims = (await loadClaimSets(sources)).flatMap(({ claims }) => claims);
const EPOCHS = 5, UNFROZEN = 2, ITERATIONS = 20, STEPS = 4;

/** Seconds that a row takes for an epoch of four steps: before anything freezes, and after. */
type Seconds = Record<string, [unfrozen: number, frozen: number]>;

/** A measurement of Table 17's pre-trainings. */
function madeUpTimes(
  seconds: Seconds,
  repeats = 3,
  change: Partial<TimesRecord> = {},
  profile = "ci",
): TimesRecord {
  const { hashes: { code, data, lock, method }, git, engine, machine, dataset } = madeUpPretraining();
  const { runs } = planOf(table17, { profile, set: [], rows: Object.keys(seconds), seeds: [0], probes: [] });
  const phases = runs.map(({ row, phases: [{ from }] }) => ({
    row,
    key: phaseKey(from!.phase),
    config: from!.phase.config,
  }));
  const epoch = (row: string, epoch: number, repeat: number) => {
    const step = seconds[row][epoch < UNFROZEN ? 0 : 1] * (1 + repeat / 1000);
    return { seconds: { targets: 0, step, optimizer: 0, compile: epoch === UNFROZEN ? 1 : 0 }, load: 0.5 };
  };
  const time = "2026-01-02T03:04:05Z";
  return {
    kind: "vitfreeze.times",
    schemaVersion: 3,
    asked: { experiment: "thesis.table17", profile, set: [] },
    phases: Object.fromEntries(
      phases.map((
        { row, key, config },
      ) => [key, {
        rows: [row],
        config,
        epochs: EPOCHS,
        iterations: profile === "ci" ? ITERATIONS : 1000,
        unfrozen: UNFROZEN,
      }]),
    ),
    steps: STEPS,
    repeats: Array.from({ length: repeats }, (_, repeat) => ({
      start: time,
      end: time,
      rounds: Array.from({ length: EPOCHS }, (_, k) => ({
        epoch: k,
        rows: Object.fromEntries(phases.map(({ row, key }) => [key, epoch(row, k, repeat)])),
      })),
    })),
    hashes: { code, data, lock, methods: { localmim: method! } },
    git,
    engine,
    machine,
    dataset,
    start: time,
    end: time,
    ...change,
  };
}

/** LocalMIM, and ViTFreeze with either backward pass: 0.8 and 0.88 of the time. */
const QUIET: Seconds = { localmim: [2, 2], vitfreeze: [2, 1.3333333333], vitfreeze_live: [2, 1.6] };

function measured(times: TimesRecord, table = "thesis.table17") {
  const { scales } = scalesOf([], [], [table17, table11], [{ id: "a".repeat(64), times }]);
  return measuredAt(scales, filledTable(tableOf(sources.works, table))!)[0];
}

async function verdict(id: string, times: TimesRecord) {
  const claim = claims.find((claim) => claim.id === id)!, own = measured(times, claim.table);
  const { verdict, text } = await judge(claim, evidenceOf([own], own), sources);
  return [verdict, text];
}

Deno.test("wholeEpochs() makes whole epochs of measured steps, and counts new steps once", () => {
  const times = madeUpTimes(QUIET), [key] = Object.keys(times.phases);
  const epochs = wholeEpochs(times, times.repeats[0], key);
  assertEqual(epochs.map(({ seconds: { step, compile }, iterations }) => [step, compile, iterations]), [
    [10, 0, 20],
    [10, 0, 20],
    [10, 1, 20],
    [10, 0, 20],
    [10, 0, 20],
  ]);
  assertAlmostEqual(totalHours.read({ epochs, metrics: {} }, 3)! * 3600, 30, 1e-9);
  assertEqual(hoursWithLoading.read({ epochs, metrics: {} }, 3), undefined);
});

Deno.test("wholeEpochs() adds loading to steps, one after the other, and new steps once", () => {
  const times = madeUpTimes(QUIET), [key] = Object.keys(times.phases), [{ rounds, ...repeat }] = times.repeats;
  const loading = rounds.map(({ epoch, rows }) => ({
    epoch,
    rows: { ...rows, [key]: { ...rows[key], seconds: { ...rows[key].seconds, loading: 0.5 } } },
  }));
  const epochs = wholeEpochs(times, { ...repeat, rounds: loading }, key);
  // Four of twenty steps took 2 s, and their images half a second.
  assertEqual(epochs.map(({ wallSeconds }) => wallSeconds), [12.5, 12.5, 13.5, 12.5, 12.5]);
  assertAlmostEqual(totalHours.read({ epochs, metrics: {} }, 5)! * 3600, 50, 1e-9);
  assertAlmostEqual(hoursWithLoading.read({ epochs, metrics: {} }, 5)! * 3600, 63.5, 1e-9);
});

Deno.test("a claim on the released code's time is judged by a measurement of that, in every table that prints it", async () => {
  assertEqual(await verdict("t11.1", madeUpTimes(QUIET)), ["reproduced", "ViTFreeze 0.880 ± 0.000"]);
  assertEqual(await verdict("p1.1", madeUpTimes(QUIET)), ["reproduced", "Ours 0.880 ± 0.000"]);
  assertEqual((await verdict("t11.1", madeUpTimes({ ...QUIET, vitfreeze_live: [2, 1.7] })))[0], "not reproduced");
  assertEqual((await verdict("t11.1", madeUpTimes(QUIET, 2)))[0], "inconclusive");
  const { vitfreeze_live: _, ...cut } = QUIET;
  assertEqual(await verdict("t11.1", madeUpTimes(cut)), ["another method", "ViTFreeze 0.800 ± 0.000"]);
  // The same work took a twentieth longer: whatever the ratio says, nothing is said.
  assertEqual((await verdict("t11.1", madeUpTimes({ ...QUIET, vitfreeze_live: [2.1, 1.6] })))[0], "inconclusive");
});

Deno.test("a table shows measured times, a row for each backward pass", () => {
  const own = measured(madeUpTimes(QUIET));
  const { scales: [{ rows, facts }] } = tableReport(own.table, { authors: [], claims: [], measured: [own] });
  const ratio = (key: string) => rows.find((row) => row.key === key)?.cells.ratio;
  assertEqual(ratio("vitfreeze")?.verdict, "another method");
  assertEqual([ratio("vitfreeze_live")?.verdict, ratio("vitfreeze_live")?.n], ["reproduced", 3]);
  assertAlmostEqual(ratio("vitfreeze_live")!.mean, 0.88, 1e-9);
  // Each made new steps for a second in 50 and 44: 45 / 51.
  assertAlmostEqual(rows.find(({ key }) => key === "vitfreeze_live")!.cells.recompiled.mean, 45 / 51, 1e-4);
  assertEqual(rows.find(({ key }) => key === "vitfreeze_srlr")?.state, "not run");
  const fact =
    "Times: n = 3 repeats of 3 pre-trainings, in turn step by step, 4 steps of an epoch: Example CPU, cores: 2";
  assertTrue(facts.some((line) => line.startsWith(fact)), facts.join("\n"));
});

Deno.test("a time ratio of rows that do different work is of another scale", () => {
  const times = madeUpTimes(QUIET),
    phases = Object.entries(times.phases).map(([key, phase]) => {
      const [batch, wanted] = [Number(phase.config.batch), phase.rows.includes("vitfreeze_live")];
      return [key, wanted ? { ...phase, config: { ...phase.config, batch: 2 * batch } } : phase] as const;
    });
  const verdictOf = (times: TimesRecord) => {
    const own = measured(times), report = tableReport(own.table, { authors: [], claims: [], measured: [own] });
    return report.scales[0].rows.find(({ key }) => key === "vitfreeze_live")!.cells.ratio.verdict;
  };
  assertEqual([verdictOf(times), verdictOf({ ...times, phases: Object.fromEntries(phases) })], [
    "reproduced",
    "another scale",
  ]);
});

Deno.test("a scale at which only times were measured decides what is said of times, and nothing else", async () => {
  const id = "a".repeat(64), times = madeUpTimes(QUIET, 3, {}, "laptop"), records = madeUpRecords({ seeds: [0, 1, 2] });
  const report = await loadReport({ records, times: [{ id, path: "", times }] });
  const { scales } = report.tables.find(({ id }) => id === "thesis.table11")!;
  assertEqual(scales.map(({ id }) => id), ["laptop", "ci"]);
  const verdict = (id: string) => {
    const { verdict, ours } = report.tables.flatMap(({ claims }) => claims).find((claim) => claim.id === id)!;
    return [verdict, ...ours.map(({ scale, verdict }) => `${scale}: ${verdict}`)];
  };
  assertEqual(verdict("t11.1"), ["reproduced", "laptop: reproduced", "ci: another method"]);
  const [whole, laptop, ci] = verdict("t17.5");
  assertEqual([laptop, ci], ["laptop: not run at this scale", `ci: ${whole}`]);
  assertTrue(["same here", "other here", "undecided here"].includes(whole), whole);
});

Deno.test("timesAt() takes a measurement in which the machine stayed the same before a longer one in which it did not", () => {
  const linked = (id: string, times: TimesRecord) => usedTimes({ id, times });
  const quiet = linked("quiet", madeUpTimes(QUIET)),
    later = linked("later", madeUpTimes(QUIET, 3, { end: "2026-01-03T03:04:05Z" }));
  const loaded = linked("loaded", madeUpTimes({ ...QUIET, vitfreeze: [2.2, 1] }, 9));
  const asked = { profile: "ci", set: [] }, chosen = (...all: typeof quiet[]) => timesAt(asked, all)[0].id;
  assertEqual([chosen(loaded, quiet), chosen(quiet, later), chosen(later, quiet), chosen(loaded)], [
    "quiet",
    "later",
    "later",
    "loaded",
  ]);
  assertEqual(timesAt({ profile: "laptop", set: [] }, [quiet]), []);
});

Deno.test("scalesOf() does not use older measurements of freezing, and says why; those in which nothing freezes count", () => {
  const old = { schemaVersion: 1 } as const,
    id = "a".repeat(64),
    ids = (times: TimesRecord) => {
      const { scales, warnings } = scalesOf([], [], [table17], [{ id, times }]);
      return [scales.flatMap(({ times }) => times.map(({ id }) => id[0])), warnings.map((line) => line.slice(0, 30))];
    };
  const frozen = madeUpTimes(QUIET, 3, old);
  assertEqual(ids(frozen), [[], ["Not used: times/aaaaaaaaaaaaaa"]]);
  const phases = Object.fromEntries(
    Object.entries(frozen.phases).map(([key, phase]) => [key, { ...phase, unfrozen: phase.epochs }]),
  );
  assertEqual(ids({ ...frozen, phases }), [["a"], []]);
  assertEqual(ids(madeUpTimes(QUIET)), [["a"], []]);
});

Deno.test("usedTimes() knows the code of every method, of older measurements where they have one method alone", () => {
  const now = madeUpTimes(QUIET), { methods, ...rest } = now.hashes, method = methods!.localmim;
  const of = (times: TimesRecord) => usedTimes({ id: "a".repeat(64), times }).environment;
  const old = { ...now, schemaVersion: 2 as const, hashes: { ...rest, method } };
  assertEqual(of(now).methods, { localmim: method });
  assertEqual(of(old), of(now));
  const [key] = Object.keys(now.phases), phase = now.phases[key];
  const config = { ...phase.config, method: { ...(phase.config.method as object), name: "mae" } };
  const several = { ...now.phases, [key]: { ...phase, config } };
  assertEqual(of({ ...old, phases: several }).methods, {});
  const both = { ...methods!, mae: "e".repeat(64) };
  assertEqual(of({ ...now, phases: several, hashes: { ...rest, methods: both } }).methods, both);
});

Deno.test("measurements say of which methods' code they are from schema 3 on", async () => {
  const folder = await Deno.makeTempDir(), now = madeUpTimes(QUIET), { methods, ...rest } = now.hashes;
  try {
    const { path, times } = await saveTimes(folder, now);
    assertEqual((await readTimes(path)).times, times);
    const old = { ...now, schemaVersion: 2 as const, hashes: { ...rest, method: methods!.localmim } };
    await saveTimes(folder, old);
    for (const wrong of [{ ...now, hashes: old.hashes }, { ...old, hashes: now.hashes }]) {
      await assertRejects(() => saveTimes(folder, wrong), "methods in schema 3 alone");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a table takes its times from the measurement that holds most of its rows, and pools none", () => {
  const few = madeUpTimes({ localmim: [2, 2], vitfreeze_live: [2, 1] }, 9), most = madeUpTimes(QUIET);
  const times = [few, most].map((times, k) => ({ id: String(k).repeat(64), times }));
  const { scales } = scalesOf([], [], [table17, table11], times);
  const [own] = measuredAt(scales, filledTable(tableOf(sources.works, "thesis.table17"))!);
  assertEqual([own.measurement?.id[0], Math.max(...own.values.map(({ seed }) => seed))], ["1", 2]);
  assertEqual(
    measurementOf(scales[0].times, Object.keys(few.phases), "thesis.table17")?.id[0],
    "0",
    "of equals the one of more repeats",
  );
  assertEqual(measurementOf(scales[0].times, ["f".repeat(64)], "thesis.table17"), undefined);
  // What holds more rows counts before what was asked for by the same experiment.
  const others = scales[0].times.map((one) =>
    one.id[0] === "0"
      ? one
      : { ...one, times: { ...one.times, asked: { ...one.times.asked, experiment: "thesis.table11" } } }
  );
  assertEqual(measurementOf(others, Object.keys(most.phases), "thesis.table17")?.id[0], "1");
  const asked = { ...few.asked, experiment: "thesis.table11" }, elsewhere = { ...few, asked };
  const both = [elsewhere, most].map((times, k) => usedTimes({ id: String(k).repeat(64), times }));
  const of = (experiment: string) => measurementOf(both, Object.keys(few.phases), experiment)?.id[0];
  assertEqual([of("thesis.table11"), of("thesis.table17")], ["0", "1"], "of equals the one that it asked for");
});

Deno.test("a measurement's file is named by its content, and a damaged one is named", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const times = madeUpTimes(QUIET), { id, path } = await saveTimes(folder, times);
    assertEqual((await readResults(folder)).times, [{ id, path, times }]);
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"steps":4', '"steps":5'));
    await assertRejects(() => readTimes(path), `Cannot use ${path}: the SHA-256 of its content is`);
    assertEqual((await readResults(folder)).unusable.map((file) => file.path), [path]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("scaleSummary() says of a scale at which times alone were measured what was measured, and that no record is lost", () => {
  const times = madeUpTimes({ localmim: [0.4, 0.4], vitfreeze: [0.4, 0.2] });
  const measured = { ...times, start: "2026-01-02T03:00:00Z", end: "2026-01-02T03:30:00Z" };
  const [scale] = scalesOf([], [], undefined, [{ id: "7".repeat(64), times: measured }]).scales;
  const summary = scaleSummary(scale);
  assertEqual(ranText(summary), "1 measurement of time alone, 30 minutes.");
  const { cpu, cores } = times.machine, { threads } = times.engine;
  const commit = times.git ? `, commit ${times.git.commit.slice(0, 8)}` : "";
  assertEqual(summary.facts, [
    `Times: n = 3 repeats of 2 pre-trainings, in turn step by step, 4 steps of an epoch: ${cpu}, cores: ${cores}, ` +
    `threads: ${threads}${commit}, load average 0.5 to 0.5 (77777777)`,
  ]);
});
