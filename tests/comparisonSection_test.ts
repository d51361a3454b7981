import { findExperiment } from "../experiments/mod.ts";
import type { MeasuredRow, Report, ScaleReport } from "../reports/model.ts";
import { type Comparison, COMPARISONS } from "../reports/render/comparisons.ts";
import { comparisonSection } from "../reports/render/markdown/comparisonSection.ts";
import { assertEqual, assertTrue } from "./assert.ts";

const COMPARISON: Comparison = {
  heading: "A question",
  table: "thesis.table10",
  columns: ["error", "other"],
  pairs: [["frozen", "whole"], ["frozen", "absent"]],
};

function row(key: string, values: [seed: number, environment: string, value: number][]): MeasuredRow {
  const list = values.map(([seed, environment, value]) => ({ seed, environment, value }));
  const cell = { mean: NaN, half: null, n: list.length, difference: null, verdict: "no print" as const, values: list };
  return {
    key,
    label: `*${key}*`,
    like: "",
    state: "run",
    n: list.length,
    records: [],
    cells: { error: cell },
    absent: {},
  };
}

/** A report of which the section reads one table, at scales of so many rows. */
function reportOf(...scales: MeasuredRow[][]): Report {
  const column = { unit: "% error", decimals: 2, meaning: "scale" as const, published: {} };
  const scaleOf = (rows: MeasuredRow[], k: number): ScaleReport => ({
    id: `s${k}`,
    settings: `profile s${k}`,
    published: false,
    facts: [],
    columns: [{ ...column, key: "error", label: "error" }, { ...column, key: "other", label: "other" }],
    rows,
  });
  return { tables: [{ id: "thesis.table10", number: "Table 10", scales: scales.map(scaleOf) }] } as unknown as Report;
}

Deno.test("comparisonSection() pairs by seed and environment, and says what intervals decide", () => {
  const whole = row("whole", [[0, "a", 20], [1, "a", 22], [2, "a", 24], [3, "b", 90]]);
  const frozen = row("frozen", [[0, "a", 23], [1, "a", 25.5], [2, "a", 26.5], [3, "a", 10]]);
  const [head, text, table] = comparisonSection(reportOf([whole, frozen]), COMPARISON, "report");
  assertEqual(head, "### A question");
  // Differences 3, 3.5 and 2.5; seed 3 is of two environments. t(2) 4.3027 times 0.5 / sqrt(3).
  assertTrue(
    text.endsWith(
      "In bold, 1 of 1: larger than their intervals, each by itself; of 1 that are nothing, 0.1 would be on average.",
    ),
    text,
  );
  assertEqual(table.split("\n"), [
    "|  | against | n | error |",
    "| --- | --- | --- | --- |",
    "| \\*frozen\\* | \\*whole\\* | 3 | **+3.00 ± 1.24** |",
  ]);
});

Deno.test("comparisonSection() shows times that were measured in turn, and none that were not", () => {
  const errors: [number, string, number][] = [[0, "a", 20], [1, "a", 22], [2, "a", 24]];
  const timed = (key: string, hours: number[], change: number | null) => {
    const own = row(key, errors), [error] = Object.values(own.cells);
    const values = hours.map((value, seed) => ({ seed, environment: "b", value }));
    return { ...own, cells: { ...own.cells, hours: { ...error, values }, ratio: { ...error, change } } };
  };
  const table = (change: number | null) =>
    comparisonSection(
      reportOf([timed("whole", [10, 20, 40], change), timed("frozen", [8, 16.2, 31.6], change)]),
      COMPARISON,
      "report",
    )[2].split("\n");
  // Ratios 0.8, 0.81 and 0.79: t(2) 4.3027 times 0.01 / sqrt(3).
  assertEqual([table(0)[0], table(0)[2].endsWith("| 0.800 ± 0.025 |")], [
    "|  | against | n | error | time, of the other's |",
    true,
  ]);
  for (const change of [null, 0.04]) assertEqual(table(change)[0], "|  | against | n | error |");
});

Deno.test("comparisonSection() decides nothing below three seeds or within the interval, and is silent without a pair", () => {
  const section = (...frozen: [number, string, number][]) =>
    comparisonSection(
      reportOf([row("whole", [[0, "a", 20], [1, "a", 22], [2, "a", 24]]), row("frozen", frozen)]),
      COMPARISON,
      "report",
    );
  assertTrue(section([0, "a", 30], [1, "a", 32])[1].includes("Undecided: no pair has three seeds."), "two seeds");
  const [, text, table] = section([0, "a", 30], [1, "a", 12], [2, "a", 24]);
  assertTrue(text.includes("None of the 1 is larger than its interval."), text);
  assertTrue(!table.includes("**"), table);
  assertEqual(section([5, "a", 30]), []);
});

Deno.test("comparisonSection() shows every scale that has intervals, or the first one with a pair", () => {
  const whole = row("whole", [[0, "a", 20], [1, "a", 22], [2, "a", 24]]);
  const [three, one] = [[[0, "a", 23], [1, "a", 25], [2, "a", 26]], [[0, "a", 23]]] as [number, string, number][][];
  const scalesOf = (...frozen: [number, string, number][][]) =>
    comparisonSection(reportOf(...frozen.map((values) => [whole, row("frozen", values)])), COMPARISON, "report").join(
      "\n",
    )
      .match(/profile s\d/g);
  assertEqual(scalesOf(three, one, three), ["profile s0", "profile s2"]);
  assertEqual(scalesOf([], one, one), ["profile s1"]);
});

Deno.test("comparisonSection() says what is left of a gain beside controls, by three seeds or more", () => {
  const whole = row("whole", [[0, "a", 20], [1, "a", 22], [2, "a", 24]]);
  const frozen = row("frozen", [[0, "a", 23], [1, "a", 25.5], [2, "a", 26.5]]);
  const [near, far] = [[[0, "a", 22], [1, "a", 26], [2, "a", 26]], [[0, "a", 22], [1, "a", 24.5], [2, "a", 25.6]]];
  const comparison: Comparison = {
    ...COMPARISON,
    pairs: [["frozen", "whole"], ["frozen", "near"], ["frozen", "far"], ["near", "whole"], ["frozen", "one"]],
  };
  const controls = [row("near", near as [number, string, number][]), row("far", far as [number, string, number][])];
  const section = comparisonSection(
    reportOf([whole, frozen, ...controls, row("one", [[0, "a", 1]])]),
    comparison,
    "report",
  );
  // Differences 1, -0.5 and 0.5 of the first control, 1, 1 and 0.9 of the second; of another one there is one seed.
  assertEqual(
    section.at(-1),
    "\\*frozen\\* is +3.00 ± 1.24 beside \\*whole\\* (error). Beside controls is left: +0.97 ± 0.14 beside \\*far\\*. " +
      "Undecided: +0.33 ± 1.90 beside \\*near\\*.",
  );
});

Deno.test("comparisons name rows and columns that their experiment has", () => {
  for (const { table, columns, pairs } of COMPARISONS) {
    const { recipe, runs, controls, fills: [{ cell, beside }] } = findExperiment(table);
    const settings = { ...recipe.profiles.twin, seed: 0 }, rows = { ...runs(settings), ...controls?.(settings) };
    assertEqual(pairs.flat().filter((name) => !(name in rows)), [], table);
    const [[first]] = pairs;
    assertEqual(columns.filter((column) => !beside?.[column] && !cell(first, column)), [], table);
  }
});
