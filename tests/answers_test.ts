import { reportSummary } from "../commands/report/summary.ts";
import { loadReport } from "../reports/loadReport.ts";
import type { MeasuredCell, TableReport } from "../reports/model.ts";
import { answers } from "../reports/render/answers.ts";
import { claimCounts, claimKinds, countsText } from "../reports/render/counts.ts";
import { claimsMarkdown } from "../reports/render/markdown/claims.ts";
import { readmeMarkdown } from "../reports/render/markdown/readme.ts";
import { evidenceSection } from "../reports/render/markdown/evidenceSection.ts";
import { readmeSection } from "../reports/render/markdown/readmeSection.ts";
import { siteFiles } from "../reports/render/site/siteFiles.ts";
import { tallies } from "../reports/render/overview.ts";
import { cellMark } from "../reports/render/words.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { madeUpRecords } from "./madeUpRecords.ts";

const bare = await loadReport();
const ROWS = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];
/** Row by row 10 % less time and a point less, SR-LR half a point more than the row before it; seeds scatter by 0.1. */
const numbers = (row: string, seed: number) => {
  const k = ROWS.indexOf(row);
  return { top1: 60 - k + (k === 3 ? 1.5 : 0) + (seed * (k + 1) % 3) / 10, seconds: 20 - 2 * k };
};
const run = async (seeds: number[]) => await loadReport({ records: madeUpRecords({ seeds, numbers }) });

Deno.test("answers() computes what print and logs say; without runs ours are not run", () => {
  const found = answers(bare);
  assertEqual(found.map(({ question }) => question), [
    "How much time does freezing save?",
    "What does it cost in accuracy?",
    "Is it better than stopping earlier?",
    "Does SR-LR win it back?",
    "What does FreezeOut cost a convolutional network?",
    "What do disjoint masks bring?",
  ]);
  assertEqual(found.map(({ print }) => print), [
    "12.5 % of pre-training, in 3 rows of the print.",
    "0.10 to 0.54 points of top-1 (from 83.20 %), in 3 rows of the print, one run each.",
    "No: LocalMIM stopped at 50 or 70 epochs takes 24.0 to 33.6 h for 83.09 to 83.17 %, freezing 42.0 h for 82.66 to " +
    "83.10 %; better than 1 of 3 ways of freezing beyond chance (±0.26), no worse than 2.",
    "Most of it: 0.44 of 0.54 points, one run each, beyond chance (±0.26).",
    "-0.88 to +1.68 points of error, in 6 rows of the print, one run each.",
    "1.4 to 3.7 times less time at 0.0 to +0.2 points of top-1, in 6 rows of the print, one run each.",
  ]);
  assertEqual(found.map(({ logs }) => logs), [
    "11.9 to 12.7 % of pre-training, in 2 rows in the logs.",
    "0.39 to 0.71 points of top-1 (from 83.24 %), in 2 rows in the logs, one run each.",
    "No: LocalMIM stopped at 50 epochs takes 23.8 h for 83.09 %, freezing 41.6 to 42.1 h for 82.53 to 82.85 %; better " +
    "than 1 of 2 ways of freezing beyond chance (±0.26), no worse than 1.",
    "No log of SR-LR.",
    "No log.",
    "No log.",
  ]);
  for (const { ours } of found) assertEqual(ours, { text: "Not run.", state: "not run", scale: "", n: 0, half: null });
});

Deno.test("answers() of one seed are undecided, and times of a cut backward pass are of another method", async () => {
  const ours = answers(await run([0])).slice(0, 4).map(({ ours }) => ours);
  assertEqual(ours.map(({ state }) => state), ["other", "undecided", "not run", "undecided"]);
  assertEqual(ours[0].text.slice(0, 63), "Another method: 10.0 to 30.0 % of pre-training (scale ci, n = 1");
  assertEqual(ours[1].text, "Undecided here: 1.00 to 2.00 points of top-1 (scale ci, n = 1).");
  assertEqual(
    ours[3].text,
    "Undecided here: SR-LR changes top-1 by -0.50 points; freezing alone lost 1.00 (scale ci, n = 1).",
  );
  assertEqual(ours.map(({ n, half }) => [n, half]), [[1, null], [1, null], [0, null], [1, null]]);
});

Deno.test("answers() of seeds whose intervals are clear of 0 are decided, with interval and scale", async () => {
  const [, cost, , back] = answers(await run([0, 1, 2, 3, 4, 5])).map(({ ours }) => ours);
  assertEqual([cost.state, cost.n, cost.scale], ["yes", 6, "ci"]);
  assertTrue(
    /^\d\.\d\d ± 0\.\d\d to 2\.\d\d ± 0\.\d\d points of top-1 \(scale ci, n = 6\)\.$/.test(cost.text),
    cost.text,
  );
  assertTrue(cost.half !== null && cost.half > 0 && cost.half < 0.5, `${cost.half}`);
  // SR-LR loses half a point more than bare freezing.
  assertEqual(back.state, "no");
});

Deno.test("answers() stay undecided of four seeds, where the interval holds 0, or where the machine changed", async () => {
  assertEqual(answers(await run([0, 1, 2, 3])).map(({ ours }) => ours.state).slice(1, 4), [
    "undecided",
    "not run",
    "undecided",
  ]);
  const report = await run([0, 1, 2, 3, 4]);
  const table = report.tables.find(({ id }) => id === "thesis.table17")!;
  const cell = (row: string, column: string) => table.scales[0].rows.find(({ key }) => key === row)!.cells[column];
  // One row that is not clear of 0 is counted beside those that are; where none is, it stays open.
  Object.assign(cell("vitfreeze_srlr", "drop"), { mean: 0.1, half: 0.2 });
  const { state, text } = answers(report)[1].ours;
  assertEqual(state, "yes");
  assertTrue(text.endsWith(" points of top-1, clear of 0 in 2 of 3 rows (scale ci, n = 5)."), text);
  for (const row of ROWS.slice(1)) Object.assign(cell(row, "drop"), { mean: 0.1, half: 0.2 });
  assertEqual(answers(report)[1].ours.state, "undecided");
  for (const row of ROWS.slice(1)) {
    Object.assign(cell(row, "ratio"), { mean: 0.9, half: 0.01, verdict: "reproduced", change: 0 });
  }
  assertEqual(answers(report)[0].ours.state, "yes");
  // A number is an answer also where it leaves open whether it is the print's; not where the machine changed.
  Object.assign(cell("vitfreeze", "ratio"), { verdict: "inconclusive", change: 0.029 });
  assertEqual(answers(report)[0].ours.state, "yes");
  Object.assign(cell("vitfreeze", "ratio"), { change: 0.031 });
  assertEqual(answers(report)[0].ours.state, "undecided");
});

Deno.test("answers() sets freezing beside the latest of the stops that take no longer, and the one whose rate ends at zero", async () => {
  const report = await run([0, 1, 2, 3, 4]);
  const { scales: [scale] } = report.tables.find(({ id }) => id === "thesis.table17")!;
  const table11: TableReport = report.tables.find(({ id }) => id === "thesis.table11")!;
  for (const { cells } of scale.rows) Object.assign(cells.ratio, { change: 0 });
  // A stop has the seeds of the frozen rows, in their environment, and does not scatter.
  const { values } = scale.rows.find(({ key }) => key === "vitfreeze")!.cells.drop;
  const cell = (mean: number, half: number | null): MeasuredCell => ({
    mean,
    half,
    n: 5,
    difference: null,
    verdict: "another scale",
    values: values.map((one) => ({ ...one, value: mean })),
  });
  const stop = (key: string, ratio: number, drop: number) => ({
    ...scale.rows[0],
    key,
    cells: { ratio: cell(ratio, 0.01), drop: cell(drop, 0.1) },
  });
  const at = (rows: ReturnType<typeof stop>[]) => {
    table11.scales = [{ ...scale, rows }];
    return answers(report)[2].ours;
  };
  const good = at([stop("localmim_50", 0.5, 0.4), stop("localmim_70", 0.65, 0.2), stop("localmim_90", 0.9, -1)]);
  assertEqual(good.state, "no");
  assertTrue(
    good.text.startsWith(
      "No: LocalMIM stopped at 0.65 of its time loses 0.20 ± 0.10 points (freezing ",
    ),
    good.text,
  );
  assertEqual(at([stop("localmim_50", 0.5, 1.2)]).state, "undecided");
  assertEqual(at([stop("localmim_50", 0.5, 5)]).state, "yes");
  assertEqual(at([stop("localmim_90", 0.9, 0)]).state, "not run");
  // Of another environment it is no pair.
  const foreign = stop("localmim_70", 0.65, 0.2);
  foreign.cells.drop.values.forEach((one) => one.environment = "00000000");
  assertEqual([at([foreign]).state, at([foreign]).n], ["undecided", 0]);
  // One that shares the seeds is asked before it, though it loses more.
  const shared = at([foreign, stop("localmim_50", 0.5, 0.4)]);
  assertEqual([shared.state, shared.n, shared.text.includes("stopped at 0.50 of")], ["no", 5, true]);
  // Better than one stop is not better than stopping; one that takes clearly longer does not show that freezing is worse.
  const rated = (ratio: number, drop: number) =>
    at([stop("localmim_50", 0.5, 5), stop("localmim_stopped", ratio, drop)]);
  assertEqual([rated(0.7, 5), rated(0.7, 0.2), rated(0.725, 0.2)].map(({ state }) => state), [
    "yes",
    "no",
    "undecided",
  ]);
  const both = rated(0.7, 0.2).text;
  assertTrue(
    both.includes(", with its learning rate at zero at 0.70 of its time 0.20 ± 0.10 ("),
    both,
  );
  // That freezing is better is not said where another stop seems to lose less, nor that it is worse where the machine changed.
  assertEqual(at([foreign, stop("localmim_50", 0.5, 5)]).state, "undecided");
  const unsteady = stop("localmim_50", 0.5, 0.4);
  unsteady.cells.ratio.change = 0.04;
  assertEqual(at([unsteady]).state, "undecided");
});

Deno.test("a larger scale of too few seeds gives way to one that has them, in answers, pages and verdicts", async () => {
  const few = madeUpRecords({ numbers, profile: "evidence" });
  const enough = madeUpRecords({ seeds: [0, 1, 2, 3, 4], numbers });
  const alone = await loadReport({ records: few }), both = await loadReport({ records: [...few, ...enough] });
  assertEqual(both.tables.find(({ id }) => id === "thesis.table17")!.scales.map(({ id }) => id), ["evidence", "ci"]);
  for (const [report, scale] of [[alone, "evidence"], [both, "ci"]] as const) {
    assertEqual(answers(report)[1].ours.scale, scale);
    for (const text of [evidenceSection(report, ""), readmeSection(report, "report")]) {
      assertTrue(text.includes(`Table 17 at profile ${scale}]`), `${scale} is not the one whose rows are shown`);
    }
  }
  // "Top-1: LocalMIM > SR-LR > without LR scaling > default ViTFreeze" is otherwise in the made-up numbers.
  const verdict = ({ tables }: typeof both) => tables.flatMap(({ claims }) => claims).find(({ id }) => id === "t17.5")!;
  assertEqual([verdict(alone).verdict, verdict(both).verdict], ["undecided here", "other here"]);
  assertEqual(verdict(both).ours.map(({ verdict, weak }) => [verdict, weak]), [
    ["undecided here", true],
    ["other here", undefined],
  ]);
});

Deno.test("answers() of a report without the tables are none", () => {
  assertEqual(answers({ ...bare, tables: [] }), []);
});

Deno.test("claimCounts() are said alike on the pages, in Markdown, in a README and on the terminal", () => {
  const { claims, repeats, checks } = claimCounts(bare), said = `${claims} claims and ${checks} cross-checks`;
  assertEqual([claims, repeats, checks], [144, 3, 84]);
  assertEqual(countsText(bare), said);
  const site = siteFiles(bare);
  const texts = {
    front: site.get("index.html")!,
    claims: site.get("claims.html")!,
    markdown: readmeMarkdown(bare),
    list: claimsMarkdown(bare),
    readme: readmeSection(bare, "report"),
    terminal: reportSummary(bare, "index.html", { written: 0, unchanged: 0, removed: 0 }),
  };
  for (const [name, text] of Object.entries(texts)) assertTrue(text.includes(said), `${name} does not say '${said}'`);
  for (const { title, counts } of tallies(bare)) {
    assertEqual(counts.reduce((sum, { count }) => sum + count, 0), claims - repeats, title);
  }
  assertEqual([...claimKinds(bare).values()].filter((kind) => kind === "claim").length, claims - repeats);
});

Deno.test("a verdict of the tally leads to as many claims as it counts", () => {
  const page = siteFiles(bare).get("claims.html")!;
  const [, , { counts }] = tallies(bare);
  for (const { state, count } of counts) {
    const found = page.match(new RegExp(`data-kind="claim" data-verdict="${state}"`, "g"))?.length;
    assertEqual(found, count, state);
  }
});

Deno.test("cellMark() makes a question of a saving one and a half times the printed one", () => {
  const cell = (mean: number, verdict: MeasuredCell["verdict"] = "reproduced"): MeasuredCell => ({
    mean,
    half: 0.01,
    n: 3,
    difference: null,
    verdict,
    values: [],
  });
  // 0.125 saved in print: a question from 0.1875 on.
  assertEqual(cellMark(cell(0.813), 0.875).sign, "✓");
  assertEqual(cellMark(cell(0.812), 0.875), { sign: "?", tone: "open" });
  assertEqual(cellMark(cell(0.656), undefined).sign, "✓");
  assertEqual(cellMark(cell(0.656, "not reproduced"), 0.875).sign, "✗");
  assertEqual(cellMark(cell(0.9), 1).sign, "✓");
});

Deno.test("evidenceSection() tells whether pre-training is worth something, by rows from scratch", async () => {
  const text = async (rows: string[], lead: number) => {
    const top1 = (row: string, seed: number) =>
      60 - (row.startsWith("scratch") ? lead : 0) + (seed * row.length % 3) / 10;
    const records = madeUpRecords({ rows, seeds: [0, 1, 2], numbers: (row, seed) => ({ top1: top1(row, seed) }) });
    const all = evidenceSection(await loadReport({ records }), "report");
    return all.split("\n").find((line) => line.includes("worth something"))!;
  };
  const scratch = ["localmim", "vitfreeze", "scratch", "scratch_long"];
  assertTrue((await text(scratch, 5)).includes("Yes: LocalMIM is 5."), await text(scratch, 5));
  assertTrue((await text(scratch, 0)).includes("Not shown, so the scale says nothing about pre-training"), "no lead");
  assertTrue(
    (await text(scratch.slice(0, 2), 5)).includes("Not known: random weights were not run at scale ci."),
    "none",
  );
});
