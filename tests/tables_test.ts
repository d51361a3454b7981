import type { Experiment } from "../experiments/experiment.ts";
import { table11 } from "../experiments/thesis/table11.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { table20 } from "../experiments/thesis/table20.ts";
import { table2 } from "../experiments/vitfreeze/table2.ts";
import type { LostRecord } from "../records/folder.ts";
import { entered } from "../records/ledger.ts";
import type { PhaseRecord } from "../records/schema.ts";
import type { MeasuredCell, ScaleReport, TableReport } from "../reports/model.ts";
import { scalesOf } from "../reports/scales/scale.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import { tableNumber } from "../reports/sources/workIds.ts";
import { alignedTable } from "../reports/tables/aligned.ts";
import { evidenceOf } from "../reports/tables/evidence.ts";
import { filledTable } from "../reports/tables/fills.ts";
import { measuredAt } from "../reports/tables/measured.ts";
import { runReadings } from "../reports/tables/runReadings.ts";
import { tableReport } from "../reports/tables/tableReport.ts";
import { tableText, terminalTables } from "../reports/tables/terminal.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { type MadeUp, type MadeUpRecord, madeUpRecords } from "./madeUpRecords.ts";

const rows = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];
const published = await loadPublishedTable("thesis.table17");

/** Runs of each row and seed; row k has top-1 `top1[k]` plus a seed's noise, and time `seconds[k]`. */
function study(
  seeds: number,
  top1 = [61.5, 60.2, 60.6, 61.2],
  seconds = [10, 8.7, 8.7, 8.7],
  made: MadeUp = {},
  noise = 0.3,
): MadeUpRecord[] {
  const numbers = (row: string, seed: number) => {
    const k = rows.indexOf(row);
    return { top1: top1[k] + noise * seed, top5: 80 + k, seconds: seconds[k] };
  };
  return madeUpRecords({ seeds: Array.from({ length: seeds }, (_, seed) => seed), numbers, ...made });
}

function reported(records: MadeUpRecord[], lost: LostRecord[] = [], table = published): TableReport {
  const { scales } = scalesOf(records, lost), filled = filledTable(table);
  return tableReport(table, { authors: [], claims: [], measured: filled ? measuredAt(scales, filled) : [] });
}

function cell(table: TableReport, row: string, column: string, scale = 0): MeasuredCell {
  return rowOf(table.scales[scale], row).cells[column];
}

function rowOf({ rows }: ScaleReport, row: string) {
  return rows.find(({ key }) => key === row)!;
}

const entry = (record: MadeUpRecord): LostRecord => ({ ...entered([], [record])[0], lost: "missing" });

/** The same on another machine, of another commit, a day later. */
const elsewhere = (record: PhaseRecord): PhaseRecord => ({
  ...record,
  machine: { ...record.machine, cpu: "Other CPU" },
  git: { commit: "2".repeat(40), clean: true },
  start: "2026-01-03T03:04:05Z",
  end: "2026-01-03T03:05:05Z",
});

Deno.test("tableNumber() numbers tables as each paper does", () => {
  const ids = ["thesis.table05", "vitfreeze.table2", "dmjd.table6", "dmjd.figure6", "thesis.figure09"];
  assertEqual(ids.map(tableNumber), ["Table 5", "Table 2", "Table VI", "Figure 6", "Figure 9"]);
});

Deno.test("tableReport() without runs has no scale, and every printed row and column", () => {
  const report = reported([]);
  assertEqual(report.scales, []);
  assertEqual(report.rows.map(({ key }) => key), rows);
  assertEqual(report.rows[1].values, { gpu_hours: 0.42, top1: 82.66, top5: 96.18, top1_drop: 0.54 });
});

Deno.test("tableReport() gives means, ratios and drops of one seed, beside the print", () => {
  const report = reported(study(1, undefined, [10, 8, 8.5, 9]));
  const value = (row: string, column: string) => cell(report, row, column).mean;
  assertEqual(["seconds", "ratio", "top1", "top5"].map((column) => value("vitfreeze", column)), [8, 0.8, 60.2, 81]);
  assertAlmostEqual(value("vitfreeze", "drop"), 1.3, 1e-9); // 61.5 - 60.2 in binary
  assertEqual([value("localmim", "ratio"), value("localmim", "drop")], [1, 0]);
  const { difference, half, n, verdict } = cell(report, "vitfreeze", "ratio");
  assertAlmostEqual(difference!, 0.8 - 0.42 / 0.48, 1e-9); // rounded to 12 digits
  assertEqual([half, n, verdict], [null, 1, "another method"]);
  const { columns } = report.scales[0];
  assertEqual(columns.map(({ label }) => label), [
    "s/epoch",
    "time ratio",
    "with recompiling",
    "top-1",
    "top-5",
    "top-1 drop",
  ]);
  assertEqual(columns.find(({ key }) => key === "drop")!.published.vitfreeze.toFixed(2), "0.54");
  assertEqual(columns.find(({ key }) => key === "seconds")!.published, {});
});

Deno.test("tableReport() gives a 95 % interval from three seeds on, drops paired by seed", () => {
  const report = reported(study(3));
  // Top-1 rises by 0.3 a seed: s = 0.3, half-width 4.302653 * 0.3 / sqrt(3). The drop does not change.
  assertAlmostEqual(cell(report, "vitfreeze", "top1").half!, 0.745241, 1e-6);
  assertAlmostEqual(cell(report, "vitfreeze", "drop").half!, 0, 1e-9);
  assertEqual(cell(report, "vitfreeze", "drop").n, 3);
  assertEqual(cell(reported(study(2)), "vitfreeze", "top1").half, null);
});

Deno.test("tableReport() leaves out readings whose seed has no baseline, and says where none has one", () => {
  const baseline = new Set(study(2, undefined, undefined, { rows: ["localmim"] }).map(({ id }) => id));
  const records = study(2).filter(({ id, record }) => !baseline.has(id) || record.phase.seed === 0);
  const report = reported(records);
  assertEqual([cell(report, "vitfreeze", "top1").n, cell(report, "vitfreeze", "ratio").n], [2, 1]);
  const alone = rowOf(reported(study(2, undefined, undefined, { rows: ["vitfreeze"] })).scales[0], "vitfreeze");
  assertEqual(Object.keys(alone.cells).sort(), ["seconds", "top1", "top5"]);
  const noBaseline = "no pair: no run of LocalMIM-HOG";
  assertEqual(alone.absent, { ratio: noBaseline, recompiled: noBaseline, drop: noBaseline });
  const apart = reported([
    ...study(1, undefined, undefined, { rows: ["vitfreeze"] }),
    ...madeUpRecords({ rows: ["localmim"], seeds: [1] }),
  ]);
  assertEqual(rowOf(apart.scales[0], "vitfreeze").absent.drop, "no pair: no seed in common with LocalMIM-HOG");
});

/** Three paired seeds of LocalMIM and of ViTFreeze with the released backward pass; nothing freezes in the first two epochs of five. */
const timed = (frozen: number, unfrozen = 10, seeds = 3) =>
  madeUpRecords({
    rows: ["localmim", "vitfreeze_live"],
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    numbers: (row, seed) =>
      row === "localmim" ? { seconds: 10 + seed / 100 } : { seconds: frozen, unfrozen: unfrozen + seed / 100 },
  });

Deno.test("tableReport() judges a time ratio at any scale, one-sided, from three pairs on, where the machine was the same", () => {
  const verdict = (...made: Parameters<typeof timed>) =>
    cell(reported(timed(...made)), "vitfreeze_live", "ratio").verdict;
  assertEqual(verdict(5), "reproduced");
  assertEqual(verdict(9.9), "not reproduced");
  assertEqual(verdict(5, 10, 2), "inconclusive");
  assertEqual([verdict(5, 9.8), verdict(5, 9.6)], ["reproduced", "inconclusive"]);
});

Deno.test("evidenceOf() puts times of the released backward pass in the printed row, and those that are cut apart", () => {
  const cut = madeUpRecords({
    rows: ["vitfreeze"],
    seeds: [0, 1, 2],
    there: timed(5),
    numbers: () => ({ seconds: 3, unfrozen: 10 }),
  });
  const { scales } = scalesOf([...timed(5), ...cut], []), [measured] = measuredAt(scales, filledTable(published)!);
  const { seeds, unfrozen, cut: other, timed: columns } = evidenceOf([measured], measured);
  assertEqual([...columns], ["gpu_hours"]);
  const hours = (of: typeof seeds, row: string) => of.map(([observation]) => observation[row]?.gpu_hours);
  assertEqual(hours(seeds, "vitfreeze").map((value) => value! > hours(other.seeds, "vitfreeze")[0]!), [
    true,
    true,
    true,
  ]);
  assertEqual(hours(seeds, "vitfreeze_live"), [undefined, undefined, undefined]);
  assertEqual(unfrozen.map(({ localmim, vitfreeze }) => [localmim.length, vitfreeze.length]), [[5, 2], [5, 2], [5, 2]]);
  const rowsSeen = reported([...timed(5), ...cut]).scales[0].rows.map(({ key, like }) => [key, like]);
  assertEqual(rowsSeen.at(-1), ["vitfreeze_live", "vitfreeze"]);
});

Deno.test("tableReport() compares accuracies with the print at the published scale only, and never by one seed", () => {
  const near = [83.2, 82.66, 82.94, 83.1];
  const verdict = (seeds: number, top1: number[], noise: number, made: MadeUp) =>
    cell(reported(study(seeds, top1, undefined, made, noise)), "vitfreeze", "top1").verdict;
  const paper: MadeUp = { profile: "paper" };
  assertEqual(verdict(3, near, 0.01, {}), "another scale");
  assertEqual(verdict(1, near, 0, paper), "inconclusive");
  assertEqual(verdict(3, near, 0.01, paper), "reproduced");
  assertEqual(verdict(3, near, 0.3, paper), "inconclusive");
  assertEqual(verdict(3, near.map((value) => value - 1), 0.01, paper), "not reproduced");
  assertEqual(verdict(3, near, 0.01, { profile: "paper", set: ["pretrain.epochs=20"] }), "another scale");
});

Deno.test("tableReport() says 'not run' of a row without a run and of lost files whether they are gone or damaged", () => {
  const all = study(3), own = (row: string) => study(3, undefined, undefined, { rows: [row] });
  const lost = [...own("vitfreeze").filter(({ record }) => record.phase.seed === 2), ...own("vitfreeze_srlr")];
  const records = [...own("localmim"), ...own("vitfreeze")].filter(({ id }) => !lost.some((one) => one.id === id));
  assertTrue(records.every(({ id }) => all.some((one) => one.id === id)), "a row alone has other records");
  const { scales: [scale] } = reported(
    records,
    lost.map((one, k) => k < 2 ? entry(one) : { ...entry(one), lost: "damaged" }),
  );
  assertEqual(scale.rows.map(({ state, n }) => [state, n]), [["run", 3], ["run", 2], ["not run", 0], ["missing", 0]]);
  assertEqual(scale.rows[1].records.map(({ kind, seed, lost }) => `${kind} ${seed} ${lost}`), [
    ...["pretrain 0 null", "finetune 0 null", "pretrain 1 null", "finetune 1 null"],
    ...["pretrain 2 missing", "finetune 2 missing"],
  ]);
  assertEqual([scale.rows[2].absent.top1, scale.rows[3].absent.top1], ["not run", "damaged"]);
  const gone = lost.find(({ record }) => record.phase.kind === "finetune")!;
  const fact = `Missing: the record of ViTFreeze, seed 2 (${gone.id.slice(0, 8)})`;
  assertTrue(scale.facts.includes(fact), scale.facts.join("\n"));
  const broken = scale.facts.filter((fact) => fact.startsWith("Damaged: the record of ViTFreeze w/ SR-LR, seed "));
  assertEqual(broken.length, 6);
});

Deno.test("tableReport() keeps a scale all of whose files are gone", () => {
  const { scales } = reported([], study(1, undefined, undefined, { rows: ["localmim"] }).map(entry));
  assertEqual(scales.map(({ settings, rows }) => [settings, rows[0].state, rows[1].state]), [
    ["profile ci", "missing", "not run"],
  ]);
});

Deno.test("tableReport() pairs rows of one environment, pools accuracies and takes times from one machine", () => {
  const here = study(2),
    there = study(3, undefined, [5, 4, 4, 4], { change: elsewhere })
      .filter(({ record }) => record.phase.seed === 2);
  const report = reported([...here, ...there]), [{ facts }] = report.scales;
  assertEqual(["top1", "drop", "seconds", "ratio"].map((column) => cell(report, "vitfreeze", column).n), [3, 3, 2, 2]);
  assertEqual(cell(report, "vitfreeze", "seconds").mean, 8.7);
  assertTrue(
    facts.includes("Pooled: n = 3 on 2 machines, 2 commits; a drop is of two runs of one environment"),
    facts.join("\n"),
  );
  const times = "Times: n = 2, of one of 2 environments: Example CPU, cores: 2, threads: 2, commit 11111111";
  assertTrue(facts.includes(times), facts.join("\n"));
  // As many pairs on both: the newer ones.
  const newer = study(2, undefined, [5, 4, 4, 4], { change: elsewhere });
  assertEqual(cell(reported([...here, ...newer]), "localmim", "seconds").mean, 5);
  assertEqual(cell(reported([...newer, ...here]), "vitfreeze", "top1").n, 2);
});

Deno.test("tableReport() makes no pair of two environments, and says why", () => {
  const here = study(2, undefined, undefined, { rows: ["localmim"] });
  const there = study(2, undefined, undefined, { rows: ["vitfreeze"], change: elsewhere });
  // Neither has a pair: the newer times are shown.
  const [scale] = reported([...here, ...there]).scales, { cells, absent } = rowOf(scale, "vitfreeze");
  const why = "no pair: another machine than LocalMIM-HOG";
  assertEqual([Object.keys(cells), absent], [["seconds", "top1", "top5"], { ratio: why, recompiled: why, drop: why }]);
  const times = "no pair: another machine than the other times";
  assertEqual(rowOf(scale, "localmim").absent, { seconds: times, ratio: times, recompiled: times });
  // One of two seeds is paired: the other one is named among the facts.
  const partly = reported([...here, ...there, ...study(1, undefined, undefined, { rows: ["vitfreeze"] })]);
  assertEqual([cell(partly, "vitfreeze", "drop").n, cell(partly, "vitfreeze", "top1").n], [1, 2]);
  const fact = "No pair: ViTFreeze, seed 1: another machine than LocalMIM-HOG";
  assertTrue(partly.scales[0].facts.includes(fact), partly.scales[0].facts.join("\n"));
});

Deno.test("tableReport() counts a seed of two environments once, in that which has most rows", () => {
  const here = study(1, [61.5, 60.2, 60.6, 61.2]);
  const there = study(1, [71.5, 70, 70, 70], undefined, { rows: ["localmim", "vitfreeze"], change: elsewhere });
  const report = reported([...there, ...here]);
  assertEqual([cell(report, "localmim", "top1").mean, cell(report, "vitfreeze", "top1").mean], [61.5, 60.2]);
  assertEqual(cell(report, "vitfreeze", "top1").n, 1);
});

Deno.test("tableReport() fills the tables of every experiment from records of one, as far as keys agree", async () => {
  const records = study(1), run: Record<string, string[]> = {};
  for (const id of ["thesis.table11", "thesis.table12", "thesis.table18", "vitfreeze.table1", "vitfreeze.table2"]) {
    const report = reported(records, [], await loadPublishedTable(id));
    run[id] = report.scales[0].rows.filter(({ state }) => state === "run").map(({ key }) => key);
  }
  assertEqual(run, {
    // The early stops have the times of their first epochs; nobody has fine-tuned them yet.
    "thesis.table11": ["localmim_50", "localmim_70", "localmim_90", "localmim_100", "vitfreeze", "vitfreeze_unscaled"],
    "thesis.table12": ["localmim_50", "localmim_70", "localmim_90", "localmim_100"],
    "thesis.table18": rows,
    "vitfreeze.table1": ["localmim", "ours"],
    "vitfreeze.table2": ["localmim_vitb_100", "ours_hypothetical"],
  });
  const table18 = reported(records, [], await loadPublishedTable("thesis.table18"));
  assertEqual(cell(table18, "localmim", "pt_loss").mean, 0.5);
});

Deno.test("tableReport() reads a pre-training up to the epoch after which it is taken over", async () => {
  const printed = await loadPublishedTable("thesis.table11");
  const report = reported(madeUpRecords({ experiment: table11 }), [], printed);
  // Of 5 epochs 2, 3 and 4.
  const ratios = ["localmim_50", "localmim_70", "localmim_90", "localmim_100"].map((row) => cell(report, row, "ratio"));
  assertEqual(ratios.map(({ mean }) => mean), [0.4, 0.6, 0.8, 1]);
  assertEqual(cell(report, "localmim_50", "seconds").mean, 10);
});

Deno.test("tableReport() shows columns that are methods, and no drop where there is no baseline", async () => {
  const printed = await loadPublishedTable("thesis.table20");
  const made = ["in5_400_400.acc_t08", "in5_400_400.acc_t10"];
  const report = reported(madeUpRecords({ experiment: table20, rows: made }), [], printed), [scale] = report.scales;
  assertEqual(scale.columns.map(({ label, unit }) => [label, unit]), [
    ["Acc (t_0 = 0.8)", "%"],
    ["Acc (t_0 and SR-LR = 0.8)", "%"],
    ["Acc (t_0=1.0)", "%"],
  ]);
  const { cells, absent, records, state } = rowOf(scale, "in5_400_400");
  assertEqual([Object.keys(cells), absent, state], [["acc_t08", "acc_t10"], { acc_t08_srlr: "not run" }, "run"]);
  assertEqual(records.map(({ kind }) => kind), ["finetune", "finetune"]);
  assertEqual(scale.columns[0].published.in5_400_400, 88);
});

Deno.test("tableReport() tells why no run fills a row", async () => {
  const printed = await loadPublishedTable("vitfreeze.table2");
  const report = reported(madeUpRecords({ experiment: table2, rows: ["scratch_vitb"] }), [], printed);
  assertTrue(report.unfilled.mae_vitb_800.startsWith("another method"), report.unfilled.mae_vitb_800);
  const [scale] = report.scales;
  assertEqual(rowOf(scale, "mae_vitb_800").absent, {
    seconds: "not run",
    ratio: "not run",
    recompiled: "not run",
    acc: "not run",
    drop: "not run",
  });
  assertEqual(rowOf(scale, "scratch_vitb").absent, {
    seconds: "–",
    ratio: "–",
    recompiled: "–",
    drop: "no pair: no run of LocalMIM-HOG",
  });
});

Deno.test("tableReport() repeats no scale whose settings change nothing of the table", () => {
  const plain = study(1), longer = madeUpRecords({ set: ["finetune.epochs=3"], rows: ["localmim"] });
  const pretraining = longer.filter(({ record }) => record.phase.kind === "pretrain");
  assertEqual(
    reported([...plain, ...longer]).scales.map(({ settings }) => settings),
    ["profile ci", "profile ci with finetune.epochs=3"],
  );
  assertEqual(reported([...plain, ...pretraining]).scales.map(({ settings }) => settings), ["profile ci"]);
});

Deno.test("evidenceOf() has a seed's environments apart, with the times of one of them", () => {
  const records = [...study(1), ...study(1, undefined, [5, 4, 4, 4], { rows: rows.slice(0, 2), change: elsewhere })];
  const [scale] = scalesOf(records, []).scales, own = measuredAt([scale], filledTable(published)!)[0];
  const { seeds, lost, published: isPublished, cut } = evidenceOf([own], own);
  assertEqual([seeds.length, seeds[0].length, lost, isPublished], [1, 2, [], false]);
  const [fuller, other] = seeds[0];
  assertEqual([Object.keys(fuller).length, Object.keys(other).length], [4, 2]);
  assertEqual([fuller.vitfreeze!.top1, other.vitfreeze!.top1], [60.2, 60.2]);
  assertEqual(["gpu_hours" in fuller.vitfreeze!, "gpu_hours" in other.vitfreeze!], [false, false]);
  assertEqual(cut.seeds[0].map(({ vitfreeze }) => "gpu_hours" in vitfreeze!), [true, false]);
});

Deno.test("tableReport() computes the size of ViT-B's encoder and finds the printed 86 million", async () => {
  const { computed } = reported([], [], await loadPublishedTable("thesis.table02"));
  assertEqual(computed, [
    {
      row: "vit_base",
      column: "params_millions",
      value: 85.65,
      by: "core/models/encoderSize.ts",
      verdict: "holds by computation",
    },
  ]);
});

const ran = (experiment: Experiment, records: MadeUpRecord[], profile = "ci") => ({
  experiment,
  settings: { profile, set: [] },
  records: records.map(({ record }) => record),
});

Deno.test("tableText() is aligned and at most 100 columns wide", () => {
  const text = tableText(published, ran(table17, study(3, undefined, [12345.6, 10802.4, 10802.4, 10802.4])), 100);
  const lines = text.trimEnd().split("\n");
  assertEqual(lines.length, 6);
  assertTrue(lines.every((line) => line.length <= 100), text);
  assertEqual(new Set(lines.slice(1).map((line) => line.length)).size, 1);
  assertEqual(
    lines[3].split(/ {2,}/),
    ["ViTFreeze", "0.875", "82.66", "96.18", "0.54", "10802.40", "0.875", "0.875", "60.50", "81.00", "1.30", "3"],
  );
  assertTrue(/^thesis\.table17 +published +ours \(profile ci\)$/.test(lines[0]), lines[0]);
  const nothing = tableText(published, ran(table17, []), 100);
  assertEqual([nothing.match(/not run/g)?.length, nothing.includes("ours (nothing was run)")], [4, true]);
});

Deno.test("tableText() prints of a large table the rows that were run, and why rows are not compared", async () => {
  const table = await loadPublishedTable("thesis.table20"), big = { ...table, rows: [...table.rows, ...table.rows] };
  const records = madeUpRecords({ experiment: table20, rows: ["in5_400_400.acc_t08"] });
  const lines = tableText({ ...big, rows: big.rows.slice(0, 41) }, ran(table20, records), 160).trimEnd().split("\n");
  assertEqual([lines.length, lines[2].slice(0, 3), lines[3]], [4, "IN5", "40 of 41 rows were not run"]);
  const all = tableText(table, ran(table20, records), 160).trimEnd().split("\n");
  assertEqual(all.length, 2 + 36);
  const alone = tableText(published, ran(table17, study(1, undefined, undefined, { rows: ["vitfreeze"] })), 100);
  assertEqual(alone.trimEnd().split("\n").at(-1), "ViTFreeze: no pair: no run of LocalMIM-HOG");
});

Deno.test("tableText() fits any terminal of 72 columns and more: printed top-5 first, then groups below each other", async () => {
  const records = study(3, undefined, [12.34, 10.8, 10.8, 10.8]);
  const big = await loadPublishedTable("thesis.table20");
  for (let columns = 72; columns <= 160; columns++) {
    for (
      const text of [tableText(published, ran(table17, records), columns), tableText(big, ran(table20, []), columns)]
    ) {
      const long = text.split("\n").find((line) => line.length > columns);
      assertEqual(long, undefined, `wider than ${columns}`);
    }
  }
  const words = (columns: number) =>
    tableText(published, ran(table17, records), columns).split("\n")[1].trim().split(/ +/).join(" ");
  assertEqual(words(100), "ratio top-1 top-5 drop s/ep ratio whole top-1 top-5 drop n");
  assertEqual(words(80), "ratio top-1 drop s/ep ratio whole top-1 top-5 drop n");
  const titles = tableText(big, ran(table20, []), 80).split("\n").filter((line) => line.startsWith("thesis.table20 "));
  assertEqual(titles.map((line) => line.slice(14).trim()), ["published", "ours (nothing was run)"]);
});

Deno.test("alignedTable() shortens labels, but not so that two look the same", () => {
  const columns = [{ head: "value", group: "all", cells: ["1", "2"] }];
  const rows = (labels: string[]) => alignedTable({ name: "name", labels, columns }, 28).slice(-2);
  const tail = "of twenty letters or so";
  assertEqual(rows([`a ${tail}`, `b ${tail}`]), ["a of twenty letters…      1", "b of twenty letters…      2"]);
  assertEqual(rows([`${tail} a`, `${tail} b`]).map((line) => line.length > 28), [false, false]);
});

Deno.test("terminalTables() prints every table of an experiment, its own first", async () => {
  const { experiment, settings, records } = ran(table17, study(1));
  const text = await terminalTables(experiment, settings, records, 100);
  assertEqual(text.match(/^(thesis|vitfreeze)\.\w+/gm), ["thesis.table17", "thesis.table18", "vitfreeze.table1"]);
});

Deno.test("runReadings() gives each run and seed its values by table and published column", async () => {
  const { experiment, settings, records } = ran(table17, study(2, undefined, [36, 18, 18, 18]));
  const all = await runReadings(experiment, settings, records);
  assertEqual(
    all.map(({ row, seed }) => `${row} ${seed}`),
    [0, 1].flatMap((seed) => rows.map((row) => `${row} ${seed}`)),
  );
  assertEqual(all[1], {
    row: "vitfreeze",
    seed: 0,
    label: "ViTFreeze",
    tables: {
      "thesis.table17": { gpu_hours: 0.005, top1: 60.2, top5: 81 },
      "thesis.table18": { top1: 60.2, top5: 81, pt_loss: all[1].tables["thesis.table18"].pt_loss },
      "vitfreeze.table1": { gpu_hours: 0.005, total_gpu_hours: 0.025, top1: 60.2, top5: 81 },
    },
  });
});

Deno.test("tableReport() shows probes beside the printed columns where some were run", () => {
  const numbers = (_: string, seed: number) => ({ top1: 50 + seed });
  const [plain] = reported(madeUpRecords({ numbers, seeds: [0, 1] })).scales;
  assertEqual(plain.columns.some(({ key }) => key === "linear"), false);
  const { scales: [probed] } = reported(madeUpRecords({ numbers, seeds: [0, 1], probes: ["linear"] }));
  const added = probed.columns.filter(({ key }) => !plain.columns.some((column) => column.key === key));
  assertEqual(added.map(({ key, label, published }) => [key, label, published]), [["linear", "linear top-1", {}]]);
  const { mean, n, verdict } = rowOf(probed, "vitfreeze").cells.linear;
  assertEqual([mean, n, verdict], [50.5, 2, "no print"]);
});
