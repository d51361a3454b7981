import type { LinkedResult } from "../reports/judging/blocks.ts";
import type { MeasuredCell, TableReport } from "../reports/model.ts";
import { resultId } from "../records/identity.ts";
import type { LedgerEntry } from "../records/ledger.ts";
import type { RowKey, RunResult } from "../records/schema.ts";
import { loadPublishedTable } from "../reports/sources/published.ts";
import { measures } from "../reports/tables/measures.ts";
import { tableNumber } from "../reports/sources/workIds.ts";
import { scalesOf } from "../reports/tables/scales.ts";
import { tableReport } from "../reports/tables/tableReport.ts";
import { tableText } from "../reports/tables/terminal.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { type MadeUp, madeUpRun } from "./madeUpRun.ts";

const rows: RowKey[] = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];
const table17 = await loadPublishedTable("thesis.table17");

function linked(runs: RunResult[]): LinkedResult[] {
  return runs.map((result) => ({ id: resultId(result), href: `results/${resultId(result)}.json`, result }));
}

/** One run of each row and seed; row k has top-1 `top1[k]` plus a seed's noise, and time `seconds[k]`. */
function study(seeds: number, top1 = [61.5, 60.2, 60.6, 61.2], seconds = [10, 8.7, 8.7, 8.7], made: MadeUp = {}) {
  return Array.from(
    { length: seeds },
    (_, seed) =>
      rows.map((row, k) =>
        madeUpRun({ row, seed, top1: top1[k] + 0.3 * seed, top5: 80 + k, seconds: seconds[k], ...made })
      ),
  ).flat();
}

function reported(runs: RunResult[], missing: LedgerEntry[] = [], table = table17): TableReport {
  return tableReport(table, { authors: [], claims: [], scales: scalesOf(linked(runs), missing) });
}

function cell(table: TableReport, row: string, column: string, scale = 0): MeasuredCell {
  return table.scales[scale].rows.find(({ key }) => key === row)!.cells[column];
}

const lost = (row: string, seed = 0): LedgerEntry => ({
  id: "f".repeat(64),
  experiment: "table17",
  profile: "tiny",
  row,
  seed,
});

Deno.test("measures name rows and columns that their published tables have", async () => {
  for (const { table, baseline, rows, columns, shown } of measures) {
    const published = await loadPublishedTable(table);
    const keys = published.rows.map(({ key }) => key), names = published.columns.map(({ key }) => key);
    for (const row of [baseline, ...Object.keys(rows)]) assertTrue(keys.includes(row), `${table} ${row}`);
    for (const column of Object.keys(columns)) assertTrue(names.includes(column), `${table} ${column}`);
    for (const { of } of shown) assertTrue(of in columns, `${table} ${of}`);
  }
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
  assertEqual([half, n, verdict], [null, 1, "reproduced"]);
  const { columns } = report.scales[0];
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

Deno.test("tableReport() leaves out readings whose seed has no baseline", () => {
  const runs = study(2).filter(({ row, seed }) => row !== "localmim" || seed === 0);
  const report = reported(runs);
  assertEqual([cell(report, "vitfreeze", "top1").n, cell(report, "vitfreeze", "ratio").n], [2, 1]);
  const alone = reported(runs.filter(({ row }) => row === "vitfreeze"));
  assertEqual(Object.keys(alone.scales[0].rows[1].cells).sort(), ["seconds", "top1", "top5"]);
});

Deno.test("tableReport() judges a time ratio at any scale, one-sided, by what the printed digits may stand for", () => {
  // 0.42 / 0.48 stands for at most 0.425 / 0.475 = 0.8947.
  const verdict = (ratio: number) =>
    cell(reported(study(1, undefined, [10, 10 * ratio, 9, 9])), "vitfreeze", "ratio").verdict;
  assertEqual([0.7, 0.875, 0.894, 0.9].map(verdict), ["reproduced", "reproduced", "reproduced", "not reproduced"]);
});

Deno.test("tableReport() compares accuracies with the print at the published scale only, and never by one seed", () => {
  const near = [83.2, 82.66, 82.94, 83.1];
  const verdict = (runs: RunResult[]) => cell(reported(runs), "vitfreeze", "top1").verdict;
  const paper = (seeds: number, top1: number[], noise: number) =>
    study(seeds, top1, undefined, { profile: "paper" }).map((run) => ({
      ...run,
      evaluation: { ...run.evaluation, top1: top1[rows.indexOf(run.row)] + noise * run.seed },
    }));
  assertEqual(verdict(study(3, near)), "another scale");
  assertEqual(verdict(paper(1, near, 0)), "inconclusive");
  assertEqual(verdict(paper(3, near, 0.01)), "reproduced");
  assertEqual(verdict(paper(3, near, 0.3)), "inconclusive");
  assertEqual(verdict(paper(3, near.map((value) => value - 1), 0.01)), "not reproduced");
});

Deno.test("tableReport() says 'not run' of a row without a run and 'missing' of one whose files are gone", () => {
  const runs = study(2).filter(({ row }) => row === "localmim" || row === "vitfreeze");
  const { scales: [scale] } = reported(runs, [lost("vitfreeze_srlr"), lost("vitfreeze", 2)]);
  assertEqual(scale.rows.map(({ state, n }) => [state, n]), [["run", 2], ["run", 2], ["not run", 0], ["missing", 0]]);
  assertEqual(scale.rows[1].runs.map(({ seed, missing }) => [seed, missing]), [[0, false], [1, false], [2, true]]);
  assertTrue(scale.facts.includes("Missing: the result file of vitfreeze_srlr, seed 0 (ffffffff)"), scale.facts.join());
});

Deno.test("tableReport() keeps a scale all of whose files are gone", () => {
  const { scales } = reported([], [lost("localmim")]);
  assertEqual(scales.map(({ profile, rows }) => [profile, rows[0].state, rows[1].state]), [[
    "tiny",
    "missing",
    "not run",
  ]]);
});

Deno.test("tableReport() fills five tables from the runs of one experiment", async () => {
  const runs = study(1);
  for (const { table, rows } of measures) {
    const report = reported(runs, [], await loadPublishedTable(table));
    const run = report.scales[0].rows.filter(({ state }) => state === "run").map(({ key }) => key);
    assertEqual(run.sort(), Object.keys(rows).sort());
  }
  const table18 = reported(runs, [], await loadPublishedTable("thesis.table18"));
  assertEqual(cell(table18, "vitfreeze", "pt_loss").mean, 0.3);
});

Deno.test("tableReport() computes the size of ViT-B's encoder and finds the printed 86 million", async () => {
  const { computed } = reported([], [], await loadPublishedTable("thesis.table02"));
  assertEqual(computed, [
    {
      row: "vit_base",
      column: "params_millions",
      value: 85.65,
      by: "core/models/encoderSize.ts",
      verdict: "reproduced",
    },
  ]);
});

Deno.test("scalesOf() puts the largest scale first and names scales of one profile apart", () => {
  const small = study(1), threads = study(1, undefined, undefined, { threads: 1 });
  const large = study(1, undefined, undefined, { profile: "Large one!" })
    .map((run) => ({ ...run, pretrain: { ...run.pretrain, iterations: 1000 } }));
  const scales = scalesOf(linked([...small, ...threads, ...large]), []);
  assertEqual(scales.map(({ profile }) => profile), ["Large one!", "tiny", "tiny"]);
  assertEqual(scales[0].id, "large-one");
  assertTrue(scales.slice(1).every(({ id }) => /^tiny-[0-9a-f]{8}$/.test(id)) && scales[1].id !== scales[2].id, "ids");
  assertEqual(scalesOf(linked([...large, ...threads, ...small]), []), scales);
});

Deno.test("tableText() is aligned and at most 100 columns wide", () => {
  const text = tableText(table17, study(3, undefined, [12345.6, 10802.4, 10802.4, 10802.4]));
  const lines = text.trimEnd().split("\n");
  assertEqual(lines.length, 6);
  assertTrue(lines.every((line) => line.length <= 100), text);
  assertEqual(new Set(lines.slice(1).map((line) => line.length)).size, 1);
  assertEqual(
    lines[3].split(/ {2,}/),
    ["ViTFreeze", "0.875", "82.66", "96.18", "0.54", "10802.40", "0.875", "60.50", "81.00", "1.30", "3"],
  );
  assertEqual(tableText(table17, []).match(/not run/g)?.length, 4);
});

Deno.test("tableText() refuses two settings of one row at one scale", async () => {
  const schedule = { t0: 0.8, power: 3, scaled: true, srLr: 0.5 };
  const runs = [...study(1), madeUpRun({ row: "vitfreeze_srlr", seed: 1, config: { schedule } })];
  await assertRejects(() => tableText(table17, runs), "Cannot report row vitfreeze_srlr of profile tiny");
});
