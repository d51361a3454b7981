import { join } from "node:path";
import { parseHTML } from "linkedom";
import { loadAuthors } from "../reports/sources/authors.ts";
import { groupRuns, type LinkedResult } from "../reports/judging/blocks.ts";
import { loadClaims } from "../reports/sources/claims.ts";
import { loadPublished, loadPublishedTable } from "../reports/sources/published.ts";
import { resultId } from "../reports/results/identity.ts";
import type { RowKey, RunResult } from "../reports/results/schema.ts";
import { saveResult } from "../reports/results/store.ts";
import { estimate, tQuantile } from "../reports/judging/statistics.ts";
import { renderTable17 } from "../reports/table17/render.ts";
import { loadTable17 } from "../reports/table17/sources.ts";
import { table17Text } from "../reports/table17/text.ts";
import { table17View } from "../reports/table17/view.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { type MadeUp, madeUpRun } from "./madeUpRun.ts";
import { command, inFolder } from "./reportTools.ts";

const sources = await loadTable17();
const rows: RowKey[] = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];

function linked(runs: RunResult[]): LinkedResult[] {
  return runs.map((result) => ({ id: resultId(result), href: `../results/${resultId(result)}.json`, result }));
}

/** One run of each row and seed; row k has top-1 `top1[k]` plus a seed's noise, and time `seconds[k]`. */
function study(seeds: number, top1: number[], seconds = [10, 8.7, 8.7, 8.7], made: MadeUp = {}): RunResult[] {
  const noise = (seed: number, k: number) => 0.01 * ((seed * 3 + k * 2) % 5) + 0.3 * seed;
  return Array.from(
    { length: seeds },
    (_, seed) =>
      rows.map((row, k) =>
        madeUpRun({ row, seed, top1: top1[k] + noise(seed, k), top5: 80 + k, seconds: seconds[k], ...made })
      ),
  ).flat();
}

/** The verdicts by claim of each block. */
function verdicts(runs: RunResult[]): Record<string, string>[] {
  return table17View(sources, linked(runs)).blocks.map(({ verdicts }) =>
    Object.fromEntries(verdicts.map(({ id, verdict }) => [id, verdict]))
  );
}

const inOrder = [61.5, 60.2, 60.6, 61.2];
const reversed = [60, 61.5, 61, 60.5];

Deno.test("loadPublished() reads every file of reports/published", async () => {
  let read = 0;
  for (const paper of ["thesis", "vitfreeze", "dmjd"]) {
    for (const { name } of Deno.readDirSync(`reports/published/${paper}`)) {
      const id = `${paper}.${name.replace(".yaml", "")}`;
      assertEqual((await loadPublished(id)).id, id);
      read++;
    }
  }
  assertEqual(read, 49);
});

Deno.test("loadPublished() says in one line what it wants", async () => {
  await assertRejects(
    () => loadPublished("../table17"),
    "Cannot read published '../table17': want e.g. thesis.table17",
  );
  await assertRejects(() => loadPublished("thesis.table99"), "table99.yaml: no such file");
});

Deno.test("reports/published equals the reference copy where there is one", async () => {
  for (const paper of ["thesis", "vitfreeze", "dmjd"]) {
    const reference = `../shared/published/${paper}`;
    if (!exists(reference)) return console.log(`skipped: no ${reference}`);
    for (const { name } of Deno.readDirSync(reference)) {
      if (!name.endsWith(".yaml")) continue;
      const copy = await Deno.readTextFile(`reports/published/${paper}/${name}`);
      assertTrue(copy === await Deno.readTextFile(`${reference}/${name}`), `${paper}/${name} differs`);
    }
  }
});

Deno.test("loadAuthors() holds the means and accuracies of the released logs", async () => {
  const logs = "../shared/authors-logs";
  if (!exists(logs)) return console.log(`skipped: no ${logs}`);
  const epochs = async (run: string): Promise<Record<string, number>[]> =>
    JSON.parse(await Deno.readTextFile(`${logs}/${run.replaceAll("/", "__")}.json`)).epochs;
  for (const { pretrain, finetune } of (await loadAuthors("table17")).rows) {
    if (!pretrain || !finetune) continue;
    const steps = await epochs(pretrain.run);
    const hours = steps.reduce((sum, epoch) => sum + epoch.true_s, 0) / 3600 / steps.length;
    assertAlmostEqual(pretrain.gpu_hours, hours, 5e-5, pretrain.run); // written with four decimals
    const tuned = await epochs(finetune.run);
    assertEqual([steps.length, tuned.length], [pretrain.epochs, finetune.epochs]);
    assertEqual(finetune.top1_best, Math.max(...tuned.map(({ acc1 }) => acc1)));
    assertEqual([finetune.top1_last, finetune.top5_last], [tuned.at(-1)!.acc1, tuned.at(-1)!.acc5]);
  }
});

Deno.test("loadClaims() evaluates every claim of Table 17 on the published numbers as the reference does", async () => {
  const published = await loadPublishedTable("thesis.table17");
  const claims = await loadClaims(published);
  assertEqual(claims.map(({ id }) => id), [1, 2, 3, 4, 5, 6, 7, 8].map((k) => `t17.${k}`));
  assertEqual(claims.map(({ holdsInPrint }) => holdsInPrint), published.claims.map(({ holds }) => holds));
});

Deno.test("loadClaims() notices a changed number in every claim that rests on it", async () => {
  const published = structuredClone(await loadPublishedTable("thesis.table17"));
  published.rows[3].values = { gpu_hours: 0.43, top1: 82.9, top5: 96.4, top1_drop: 0.2 };
  const holds = (await loadClaims(published)).map(({ holdsInPrint }) => holdsInPrint);
  assertEqual(holds, [false, false, false, false, false, false, true, true]);
});

Deno.test("tQuantile() leaves 5 % of Student's t distribution outside", () => {
  for (const freedom of [2, 3, 5, 10, 30]) {
    const density = (t: number) => (1 + t * t / freedom) ** (-(freedom + 1) / 2);
    const middle = integral(density, -tQuantile(freedom), tQuantile(freedom));
    // The tails beyond 10,000 hold less than 1e-8 at 2 degrees of freedom, where they are thickest.
    const whole = integral((x) => density(Math.sinh(x)) * Math.cosh(x), -Math.asinh(1e4), Math.asinh(1e4));
    assertAlmostEqual(middle / whole, 0.95, 1e-6, `${freedom} degrees of freedom`);
  }
});

/** Simpson's rule on 20,000 intervals. */
function integral(f: (x: number) => number, from: number, to: number): number {
  const n = 20_000, h = (to - from) / n;
  let sum = f(from) + f(to);
  for (let i = 1; i < n; i++) sum += (i % 2 === 1 ? 4 : 2) * f(from + i * h);
  return sum * h / 3;
}

Deno.test("estimate() gives mean and 95 % interval from three values on", () => {
  assertEqual(estimate([4]), { n: 1, mean: 4, half: null });
  assertEqual(estimate([4, 6]), { n: 2, mean: 5, half: null });
  const { mean, half } = estimate([1, 2, 3]);
  // s = 1, so the half-width is 4.302653 / sqrt(3).
  assertEqual(mean, 2);
  assertAlmostEqual(half!, 2.484138, 1e-6);
});

Deno.test("table17View() without runs says 'not run' in every row and judges by the print alone", () => {
  const { blocks } = table17View(sources, []);
  assertEqual(blocks.length, 1);
  for (const { cells } of blocks[0].rows) assertEqual(cells.slice(8), ["not run", "-", "-", "-", "-", "-", "-"]);
  const none = "not run at this scale", contradicted = "contradicted by the paper itself";
  assertEqual(verdicts([])[0], {
    "t17.1": none,
    "t17.2": none,
    "t17.3": contradicted,
    "t17.4": none,
    "t17.5": none,
    "t17.6": none,
    "t17.7": contradicted,
    "t17.8": none,
  });
});

Deno.test("table17View() shows published and logged values with their time ratios", () => {
  const [localmim, vitfreeze] = table17View(sources, []).blocks[0].rows;
  assertEqual(localmim.cells.slice(0, 8), ["0.48", "1.000", "83.2", "96.6", "0", "0.4771", "1.000", "83.24"]);
  assertEqual(vitfreeze.cells.slice(0, 8), ["0.42", "0.875", "82.66", "96.18", "0.54", "0.4164", "0.873", "82.53"]);
});

Deno.test("table17View() shows our means, ratios and drops with links to the runs", () => {
  const runs = linked(study(1, inOrder, [10, 8, 8.5, 9]));
  const { rows: [localmim, vitfreeze], facts } = table17View(sources, runs).blocks[0];
  const link = (k: number) => [{ before: "seed 0", text: runs[k].id.slice(0, 8), href: runs[k].href }];
  assertEqual(localmim.cells.slice(8), ["1", "10.00", "1.000", "61.50", "80.00", "0.00", link(0)]);
  assertEqual(vitfreeze.cells.slice(8), ["1", "8.00", "0.800", "60.22", "81.00", "1.28", link(1)]);
  assertTrue(facts.includes("Pre-training: 2 epochs, 3,200 images each"), facts.join("\n"));
});

Deno.test("table17View() names the rows that were not run and judges none of their claims", () => {
  const runs = study(3, inOrder).filter(({ row }) => row !== "vitfreeze_srlr");
  const { rows, verdicts: judged } = table17View(sources, linked(runs)).blocks[0];
  assertEqual(rows[3].cells[8], "not run");
  const chain = judged.find(({ id }) => id === "t17.5")!;
  assertEqual([chain.verdict, chain.reason], ["not run at this scale", "no run of ViTFreeze w/ SR-LR"]);
});

Deno.test("judge() never reproduces nor refutes an accuracy with one or two seeds", () => {
  for (const seeds of [1, 2]) {
    for (const top1 of [inOrder, reversed]) {
      const [found] = verdicts(study(seeds, top1));
      assertEqual([found["t17.4"], found["t17.5"]], ["inconclusive", "inconclusive"]);
    }
  }
});

Deno.test("judge() says for one seed whether the direction agrees", () => {
  const reason = (top1: number[]) =>
    table17View(sources, linked(study(1, top1))).blocks[0].verdicts.find(({ id }) => id === "t17.5")!.reason;
  assertEqual(reason(inOrder), "n = 1, at least 3 seeds are wanted; the direction agrees");
  assertEqual(reason(reversed), "n = 1, at least 3 seeds are wanted; the direction does not agree");
});

Deno.test("judge() decides an ordering by paired 95 % intervals from three seeds on", () => {
  assertEqual(verdicts(study(3, inOrder))[0]["t17.5"], "reproduced");
  assertEqual(verdicts(study(3, reversed))[0]["t17.5"], "not reproduced");
  // SR-LR and LocalMIM 0.01 apart drown in the noise of the seeds.
  assertEqual(verdicts(study(3, [61.5, 60.2, 60.6, 61.49]))[0]["t17.5"], "inconclusive");
});

Deno.test("judge() reads the share of the drop won back with its tolerance", () => {
  // Published: 62 %, tolerance 10 %. Drop 1.0; SR-LR wins back 0.62, then 0.2, then there is no drop at all.
  assertEqual(verdicts(study(4, [61, 59, 60, 60.62]))[0]["t17.4"], "reproduced");
  assertEqual(verdicts(study(4, [61, 59, 60, 60.2]))[0]["t17.4"], "not reproduced");
  assertEqual(verdicts(study(4, [60, 59, 61, 61.5]))[0]["t17.4"], "not reproduced");
});

Deno.test("judge() reads the time one-sided: saving more than published holds, and is said", () => {
  const time = (ratio: number) => {
    const seconds = [10, 10 * ratio, 10 * ratio, 10 * ratio];
    const found = table17View(sources, linked(study(1, inOrder, seconds))).blocks[0].verdicts;
    const { verdict, reason } = found.find(({ id }) => id === "t17.6")!;
    return [verdict, reason.includes("saves more than published")];
  };
  assertEqual(time(0.875), ["reproduced", false]);
  assertEqual(time(0.75), ["reproduced", true]);
  assertEqual(time(0.9), ["not reproduced", false]);
});

Deno.test("judge() compares absolute values at the published scale only", () => {
  const near = [83.2, 82.66, 82.94, 83.1];
  assertEqual(verdicts(study(3, near))[0]["t17.2"], "not run at this scale");
  const noiseless = study(3, near, undefined, { profile: "paper" }).map((run) => {
    const evaluation = { ...run.evaluation, top1: near[rows.indexOf(run.row)] };
    return { ...run, evaluation };
  });
  assertEqual(verdicts(noiseless)[0]["t17.2"], "reproduced");
  assertEqual(verdicts(study(3, inOrder, undefined, { profile: "paper" }))[0]["t17.2"], "not reproduced");
});

Deno.test("judge() keeps a claim that the print contradicts apart, whatever the runs say", () => {
  for (const runs of [study(1, inOrder), study(3, inOrder), study(3, reversed)]) {
    const [found] = verdicts(runs);
    assertEqual([found["t17.3"], found["t17.7"]], Array(2).fill("contradicted by the paper itself"));
  }
});

Deno.test("judge() tells what the author's logs say", () => {
  const { verdicts: judged } = table17View(sources, []).blocks[0];
  const authors = Object.fromEntries(judged.map(({ id, authors }) => [id, authors]));
  assertEqual(
    authors["t17.6"],
    "holds as far as logged: ViTFreeze 0.873, ViTFreeze w/o LR scaling 0.882; no log of ViTFreeze w/ SR-LR",
  );
  assertEqual(authors["t17.4"], "no log of ViTFreeze w/ SR-LR");
});

Deno.test("groupRuns() separates profiles, threads and settings, and never the rows of one study", () => {
  const profiles = linked([...study(2, inOrder), ...study(1, inOrder, undefined, { profile: "small" })]);
  assertEqual(groupRuns(profiles, "localmim").map(({ profile, runs }) => [profile, runs.length]), [
    ["small", 4],
    ["tiny", 8],
  ]);
  const threads = linked([...study(1, inOrder), ...study(1, inOrder, undefined, { threads: 1 })]);
  assertEqual(groupRuns(threads, "localmim").map(({ runs }) => runs.length), [4, 4]);
  const { blocks } = table17View(sources, threads);
  assertTrue(blocks[0].facts.includes("Unlike other scales of this profile: engine.threads 1"), blocks[0].facts.join());
});

Deno.test("groupRuns() gives another t0 its own block, beside the same baseline", () => {
  const schedule = { t0: 0.7, power: 3, scaled: true };
  const blocks = groupRuns(
    linked([...study(1, inOrder), madeUpRun({ row: "vitfreeze", config: { schedule } })]),
    "localmim",
  );
  assertEqual(blocks.map(({ runs }) => runs.map(({ result }) => result.row).sort()), [
    ["localmim", "vitfreeze"],
    [...rows].sort(),
  ]);
});

Deno.test("groupRuns() refuses two settings of one row in one block", async () => {
  const schedule = { t0: 0.8, power: 3, scaled: true, srLr: 0.5 };
  const runs = linked([...study(1, inOrder), madeUpRun({ row: "vitfreeze_srlr", seed: 1, config: { schedule } })]);
  await assertRejects(() => groupRuns(runs, "localmim"), "Cannot report row vitfreeze_srlr of profile tiny");
});

Deno.test("table17View() counts a seed that was run twice once, and warns when the numbers differ", () => {
  const again = [madeUpRun({ seconds: 10 }), madeUpRun({ seconds: 12 })];
  const [same] = table17View(sources, linked(again)).blocks;
  assertEqual(same.rows[0].cells.slice(8, 10), ["1", "11.00"]);
  assertTrue(!same.facts.join().includes("Warning"), "equal numbers need no warning");
  const [other] = table17View(sources, linked([...again, madeUpRun({ top1: 51 })])).blocks;
  assertTrue(other.facts.join().includes("Warning: runs of localmim, seed 0"), other.facts.join());
});

Deno.test("renderTable17() gives the same bytes whatever the order of the results", () => {
  const runs = linked([...study(3, inOrder), ...study(1, inOrder, undefined, { profile: "small" })]);
  assertEqual(renderTable17(sources, runs.toReversed()), renderTable17(sources, runs));
});

Deno.test("renderTable17() shows a value that changed", () => {
  const [a, b] = [50, 50.5].map((top1) => renderTable17(sources, linked([madeUpRun({ top1 })])));
  for (const text of [a.markdown, a.html]) assertTrue(text.includes("50.00") && !text.includes("50.50"), "50.00");
  for (const text of [b.markdown, b.html]) assertTrue(text.includes("50.50") && !text.includes("50.00"), "50.50");
});

Deno.test("renderTable17() writes HTML that loads nothing and links every run", () => {
  const runs = linked(study(2, inOrder));
  const { html } = renderTable17(sources, runs);
  const { document } = parseHTML(html);
  assertEqual(document.querySelectorAll("script, link, img, iframe, [src]").length, 0);
  assertTrue(!/url\(|@import|https?:/.test(html), "no address outside the report");
  const links = [...document.querySelectorAll("tbody a")].map((a) => a.getAttribute("href"));
  assertEqual(links.sort(), runs.map(({ href }) => href).sort());
  const columns = document.querySelectorAll("thead tr:last-child th").length;
  for (const row of document.querySelectorAll("tbody tr")) assertEqual(row.querySelectorAll("td").length, columns);
});

Deno.test("renderTable17() escapes what comes from a result", () => {
  const hostile = '<b onclick="x">|';
  const { html, markdown } = renderTable17(
    sources,
    linked([madeUpRun({ profile: hostile, config: { model: hostile } })]),
  );
  assertTrue(!html.includes("<b ") && html.includes("&lt;b onclick=&quot;x&quot;&gt;|"), "HTML");
  assertTrue(!/(^|[^\\])<b /m.test(markdown), "Markdown");
});

Deno.test("renderTable17() keeps every Markdown table rectangular", () => {
  const { markdown } = renderTable17(sources, linked(study(3, inOrder)));
  const counts = markdown.split("\n").map((line) => line.match(/(?<!\\)\|/g)?.length ?? 0).filter((n) => n > 0);
  assertEqual([...new Set(counts)], [17, 8]); // bars of the value table and of the claims
});

Deno.test("table17Text() is aligned and at most 100 columns wide", () => {
  const text = table17Text(sources.published, study(3, inOrder, [12345.6, 10802.4, 10802.4, 10802.4]));
  const lines = text.trimEnd().split("\n");
  assertEqual(lines.length, 6);
  assertTrue(lines.every((line) => line.length <= 100), text);
  assertEqual(new Set(lines.slice(1).map((line) => line.length)).size, 1);
  assertEqual(lines[3].split(/ {2,}/), [
    "ViTFreeze",
    "0.42",
    "0.875",
    "82.66",
    "0.54",
    "10802.4",
    "0.875",
    "60.52",
    "81.00",
    "1.30",
    "3",
  ]);
  assertEqual(table17Text(sources.published, []).match(/not run/g)?.length, 4);
});

Deno.test("report writes both files with links to the results, the same bytes twice", async () => {
  await inFolder(async (folder) => {
    const results = join(folder, "results"), out = join(folder, "deep/out");
    const { id } = await saveResult(results, madeUpRun());
    const first = await command("reports/report.ts", "--results", results, "--out", out);
    assertEqual([first.code, first.err], [0, ""]);
    const files = () => ["table17.md", "table17.html"].map((name) => Deno.readTextFileSync(join(out, name)));
    const [markdown, html] = files();
    assertTrue(markdown.includes(`seed 0 [${id.slice(0, 8)}](../../results/${id}.json)`), markdown);
    assertTrue(html.includes(`href="../../results/${id}.json"`), html);
    await command("reports/report.ts", "--results", results, "--out", out);
    assertEqual(files(), [markdown, html]);
  });
});

Deno.test("report writes nothing when a result does not match its hash", async () => {
  await inFolder(async (folder) => {
    const results = join(folder, "results"), out = join(folder, "out");
    const { path } = await saveResult(results, madeUpRun({ top1: 50 }));
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"top1":50', '"top1":99'));
    const { code, err } = await command("reports/report.ts", "--results", results, "--out", out);
    assertEqual(code, 1);
    assertTrue(err.startsWith(`error: Cannot use ${path}: the SHA-256`) && err.trimEnd().split("\n").length === 1, err);
    assertTrue(!exists(out), "nothing is written");
  });
});

Deno.test("report says in one line that a folder is missing", async () => {
  const { code, err } = await command("reports/report.ts", "--results", "no/such/folder");
  assertEqual([code, err], [1, "error: Cannot read the results folder no/such/folder: no such file or directory\n"]);
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
