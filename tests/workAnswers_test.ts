import { loadReport } from "../reports/loadReport.ts";
import type { MeasuredRow, Report, ScaleReport } from "../reports/model.ts";
import { convNetAnswer, maskingAnswer } from "../reports/render/workAnswers.ts";
import { assertEqual, assertTrue } from "./assert.ts";

const bare = await loadReport();

/** The report with runs of one table: at each scale, values of a column by row and seed. */
function withRuns(table: string, column: string, scales: Record<string, Record<string, number[]>>): Report {
  const row = (key: string, values: number[]) => {
    const list = values.map((value, seed) => ({ seed, environment: "a", value }));
    return { key, label: key, cells: { [column]: { values: list } } } as unknown as MeasuredRow;
  };
  const made = Object.entries(scales).map(([id, rows]) =>
    ({ id, rows: Object.entries(rows).map(([key, values]) => row(key, values)) }) as unknown as ScaleReport
  );
  return { ...bare, tables: bare.tables.map((one) => one.id === table ? { ...one, scales: made } : one) };
}

Deno.test("convNetAnswer() gives every scale with intervals, and how many rows are clear of 0", () => {
  const scales = {
    large: { sgd_nofo: [20], sgd_fo_scaled: [25] },
    small: { sgd_nofo: [20, 21, 22], sgd_fo_scaled: [23, 24.5, 24.5], sgd_fo_unscaled: [19, 21.5, 22] },
  };
  const { ours } = convNetAnswer(withRuns("thesis.table10", "best_error", scales))!;
  // Differences 3, 3.5, 2.5 and -1, 0.5, 0: t(2) 4.3027 times 0.5 / sqrt(3), and times 0.7638 / sqrt(3).
  assertEqual(
    ours.text,
    "-0.17 ± 1.90 to +3.00 ± 1.24 points of error, clear of 0 in 1 of 2 rows (scale small, n = 3).",
  );
  assertEqual([ours.state, ours.scale, ours.n], ["yes", "small", 3]);
});

Deno.test("convNetAnswer() of one seed is undecided, and of no pair not run", () => {
  const of = (rows: Record<string, number[]>) =>
    convNetAnswer(withRuns("thesis.table10", "best_error", { large: rows }))!.ours;
  assertEqual(
    of({ sgd_nofo: [20], sgd_fo_scaled: [25] }).text,
    "Undecided here: +5.00 points of error, clear of 0 in 0 of 1 rows (scale large, n = 1).",
  );
  assertEqual(of({ sgd_nofo: [20], adamw_fo_scaled: [25] }).state, "not run");
});

Deno.test("maskingAnswer() sets two disjoint views beside single ones, and beside independent ones where they were run", () => {
  const rows = { mae: [20, 21, 22], mae_dm_uniform: [23, 24.5, 24.5], independent: [23, 24, 25] };
  const of = (rows: Record<string, number[]>) => maskingAnswer(withRuns("dmjd.table2", "linear", { twin: rows }))!.ours;
  assertEqual(
    of(rows).text,
    "+3.00 ± 1.24 points of a linear probe beside as many single views, 0.00 ± 1.24 beside two independent views " +
      "(scale twin, n = 3).",
  );
  const { mae, mae_dm_uniform } = rows;
  assertEqual(
    of({ mae: mae_dm_uniform, mae_dm_uniform: mae }).text,
    "-3.00 ± 1.24 points of a linear probe beside as many single views (scale twin, n = 3).",
  );
  assertEqual(of({ mae, mae_dm_uniform: [20, 21.5, 22] }).state, "undecided");
});

Deno.test("maskingAnswer() adds what time all rows of Table III take, where that was measured in turn", () => {
  const views = withRuns("dmjd.table2", "linear", { twin: { mae: [20, 21, 22], mae_dm_uniform: [23, 24.5, 24.5] } });
  const text = (ratios: number[], change: number | null, n = 3) => {
    const methods = ["beit", "simmim", "mae", "maskfeat", "mae_l", "maskfeat_l"].slice(0, ratios.length);
    const rows = methods.map((row, k) => ({
      key: `${row}_dm`,
      cells: { ratio: { mean: ratios[k], half: 0.01, n: n + k, change } },
    }));
    const scales = [{ id: "twin", rows }] as unknown as ScaleReport[];
    return maskingAnswer({
      ...views,
      tables: views.tables.map((table) => table.id === "dmjd.table3" ? { ...table, scales } : table),
    })!.ours.text;
  };
  const ratios = [0.5, 0.8, 0.9, 0.6, 0.7, 0.4],
    said = " 0.40 ± 0.01 to 0.90 ± 0.01 of the time, in 6 methods (scale twin, n = 3).";
  assertTrue(text(ratios, 0).endsWith(said), text(ratios, 0));
  for (const other of [text(ratios, null), text(ratios, 0, 2), text(ratios.slice(1), 0)]) {
    assertTrue(!other.includes("of the time"), other);
  }
});

Deno.test("convNetAnswer() and maskingAnswer() want their tables", () => {
  assertEqual([convNetAnswer, maskingAnswer].map((answer) => answer({ ...bare, tables: [] })), [undefined, undefined]);
});
