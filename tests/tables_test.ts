import { table11 } from "../experiments/thesis/table11.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { table20 } from "../experiments/thesis/table20.ts";
import { table2 } from "../experiments/vitfreeze/table2.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import { tableNumber } from "../reports/sources/workIds.ts";
import { runReadings } from "../reports/tables/runReadings.ts";
import { assertAlmostEqual, assertEqual, assertTrue } from "./assert.ts";
import { type MadeUp, madeUpRecords } from "./madeUpRecords.ts";
import { cell, entry, ran, reported, rowOf, rows, study } from "./tablesTools.ts";

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
  assertTrue(report.unfilled.dino_vitb_300.startsWith("another method"), report.unfilled.dino_vitb_300);
  const [scale] = report.scales;
  assertEqual(rowOf(scale, "dino_vitb_300").absent, {
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
