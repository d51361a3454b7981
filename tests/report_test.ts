import { dirname, join } from "node:path";
import type { ClaimReport, TableReport } from "../reports/model.ts";
import { readRecord, saveRecord } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { type MadeUpRecord, madeUpRecords } from "./madeUpRecords.ts";
import { record } from "./reliability/record.ts";
import { command, inFolder } from "./reportTools.ts";

/** Runs the report on a folder of made-up records; gives what it printed and where it wrote. */
async function report(folder: string): Promise<{ code: number; out: string; err: string; site: string }> {
  const site = join(folder, "site");
  return { ...await command("commands/report/main.ts", "--results", join(folder, "results"), "--out", site), site };
}

const ROWS = ["localmim", "vitfreeze", "vitfreeze_unscaled", "vitfreeze_srlr"];

/** Saves the records of Table 17 with one seed, row by row the pre-training and the fine-tuning; gives them. */
async function saveStudy(folder: string): Promise<MadeUpRecord[]> {
  const numbers = (row: string) => ({ top1: 50 - ROWS.indexOf(row), seconds: row === "localmim" ? 10 : 8 });
  const records = madeUpRecords({ numbers });
  for (const { record } of records) await saveRecord(join(folder, "results"), record);
  return records;
}

function filesIn(folder: string, below = ""): string[] {
  return [...Deno.readDirSync(join(folder, below))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(folder, join(below, name)) : [join(below, name)]
  ).sort();
}

const read = (folder: string, name: string) => Deno.readTextFileSync(join(folder, name));

Deno.test("report writes site, Markdown and JSON of every table, with the results, the same bytes twice", async () => {
  await inFolder(async (folder) => {
    const records = await saveStudy(folder);
    const first = await report(folder);
    assertEqual([first.code, first.err], [0, ""]);
    assertTrue(first.out.startsWith("29 tables (6 with runs of ours), "), first.out);
    const names = filesIn(first.site), contents = names.map((name) => read(first.site, name));
    assertEqual(names.filter((name) => /^tables\/.*\.(html|md|json)$/.test(name)).length, 3 * 29);
    for (const { id } of records) assertEqual((await readRecord(join(first.site, `results/${id}.json`))).id, id);
    const second = await report(folder);
    assertTrue(second.out.includes(`0 files written, ${names.length - 1} unchanged, 0 removed`), second.out);
    assertEqual(filesIn(first.site), names);
    assertEqual(names.map((name) => read(first.site, name)), contents);
    await record("report", {
      promise: "A report of the same records has the same bytes",
      how: "made twice; every file compared",
      count: `${names.length} files`,
    });
  });
});

Deno.test("report tells of every claim on the print, the logs and our runs in claims.json", async () => {
  await inFolder(async (folder) => {
    await saveStudy(folder);
    const { site } = await report(folder);
    const claims: ClaimReport[] = JSON.parse(read(site, "claims.json"));
    const claim = (id: string) => claims.find((one) => one.id === id)!;
    assertEqual(claims.filter(({ table }) => /^(thesis|vitfreeze)\.table/.test(table)).length, 86);
    assertEqual(claims.filter(({ id }) => /^x\.\d+$/.test(id)).length, 15);
    assertEqual(claims.filter(({ id }) => /^d\.\d+$/.test(id)).length, 43);
    assertEqual([claim("t17.6").verdict, claim("t17.6").authors.outcome], ["another method", "holds"]);
    assertTrue(claim("t17.6").reason.includes("saves more than published"), claim("t17.6").reason);
    assertEqual(claim("t17.5").verdict, "undecided here");
    assertEqual([claim("t17.3").verdict, claim("t17.3").published.outcome], ["rounding", "fails"]);
    assertEqual([claim("x.6").verdict, claim("x.6").authors.outcome], ["holds in the logs", "holds"]);
    assertTrue(claim("x.6").authors.text.startsWith("81 % of what freezing saves"), claim("x.6").authors.text);
    assertTrue(claim("t17.3").ours[0].text !== "", "our numbers stand beside a claim that the print contradicts");
    assertEqual([claim("t20.4").verdict, claim("d.11").verdict, claim("x.1").verdict], [
      "not run",
      "not run",
      "holds by computation",
    ]);
  });
});

Deno.test("report says 'missing' where a record was deleted, and only there", async () => {
  await inFolder(async (folder) => {
    const [pretrained, finetuned] = (await saveStudy(folder)).slice(-2);
    await report(folder);
    for (const { id } of [pretrained, finetuned]) await Deno.remove(join(folder, `results/${id}.json`));
    const { code, out, err, site } = await report(folder);
    assertEqual(code, 1);
    const names = [pretrained, finetuned].map(({ id }) => id.slice(0, 8)), both = [names, names.toReversed()];
    assertTrue(
      both.some((two) =>
        err === `error: The report is written without 2 records that are missing (${two.join(", ")})\n`
      ),
      err,
    );
    assertTrue(
      [pretrained, finetuned].every(({ id, record }) =>
        out.includes(
          `warning: Missing: the record of ViTFreeze w/ SR-LR, ${record.phase.kind}, seed 0 (${id.slice(0, 8)})`,
        )
      ),
      out,
    );
    const table: TableReport = JSON.parse(read(site, "tables/thesis.table17.json"));
    assertEqual(table.scales[0].rows.map(({ state }) => state), ["run", "run", "run", "missing"]);
    const claims: ClaimReport[] = JSON.parse(read(site, "claims.json"));
    const verdict = (id: string) => claims.find((claim) => claim.id === id)!.verdict;
    assertEqual([verdict("t17.5"), verdict("t11.5")], ["missing", "undecided here"]);
    for (const name of ["tables/thesis.table17.html", "tables/thesis.table17.md"]) {
      assertTrue(read(site, name).includes("missing"), name);
    }
    assertTrue(!filesIn(site).includes(`results/${finetuned.id}.json`), "the copy of the deleted record is gone");
    await record("report-missing", {
      promise: "A deleted record makes its cells and verdicts say missing, never stale",
      how: "the two records of one of four rows are deleted, the report made again",
      count: "2 records, their row and its verdicts",
    });
  });
});

Deno.test("report names every file that does not check, marks its cells, and keeps nothing of it", async () => {
  await inFolder(async (folder) => {
    const results = join(folder, "results"), records = await saveStudy(folder), { id } = records.at(-1)!;
    await report(folder);
    const whole = read(results, `${id}.json`), at = (name: string) => join(results, name);
    const put = (name: string, text: string) => Deno.writeTextFileSync(at(name), text);
    put(`${id}.json`, whole.slice(0, 200));
    put("renamed.json", whole.replace('"seed":0', '"seed":7'));
    put(`${"0".repeat(64)}.json`, whole.replace('"top1":50', '"top1":99'));
    const { code, out, err, site } = await report(folder),
      warnings = out.split("\n").filter((line) => /^warning/.test(line));
    assertEqual([code, warnings.length], [1, 4]);
    const named = [`${"0".repeat(8)}*.json`, `${id.slice(0, 8)}*.json`, "renamed.json"].map(at);
    assertEqual(err, `error: The report is written without 3 files that cannot be used (${named.join(", ")})\n`);
    assertEqual(
      warnings[0],
      `warning: Damaged: the record of ViTFreeze w/ SR-LR, finetune, seed 0 (${id.slice(0, 8)})`,
    );
    for (const name of [`${"0".repeat(64)}.json`, `${id}.json`]) {
      assertTrue(
        warnings.some((line) => line.startsWith(`warning: Not used: Cannot use ${at(name)}: the SHA-256 of`)),
        out,
      );
    }
    assertTrue(warnings[3].includes("renamed.json: its name is 'renamed.json', want "), warnings[3]);
    const { scales: [{ rows }] }: TableReport = JSON.parse(read(site, "tables/thesis.table17.json"));
    assertEqual(rows.map(({ state }) => state), ["run", "run", "run", "run"]);
    assertEqual([rows[3].absent.top1, rows[3].cells.seconds !== undefined], ["damaged", true]);
    const claims: ClaimReport[] = JSON.parse(read(site, "claims.json"));
    assertEqual(
      claims.find((claim) => claim.id === "t17.5")!.reason,
      "no file of the run of ViTFreeze w/ SR-LR can be read",
    );
    for (const name of ["tables/thesis.table17.html", "tables/thesis.table17.md", "runs.html"]) {
      assertTrue(read(site, name).includes("damaged"), name);
    }
    assertTrue(!filesIn(site).some((name) => name.includes(id) || name.includes("renamed")), "copies of them");
    const kept = await command(
      "commands/report/main.ts",
      "--rendered",
      "--results",
      results,
      "--out",
      join(folder, "kept"),
    );
    assertEqual([kept.code, kept.err.trimEnd().split("\n").length, exists(join(folder, "kept"))], [1, 3, false]);
  });
});

Deno.test("report says in one line that its folder cannot be written", async () => {
  await inFolder(async (folder) => {
    await saveStudy(folder);
    await Deno.writeTextFile(join(folder, "site"), "a file");
    const { code, err } = await report(folder);
    assertEqual([code, err], [1, `error: Cannot write the report to ${join(folder, "site")}: not a directory\n`]);
  });
});

Deno.test("report says in one line that a folder is missing", async () => {
  const { code, err } = await command("commands/report/main.ts", "--results", "no/such/folder");
  assertEqual([code, err], [1, "error: Cannot read the results folder no/such/folder: no such file or directory\n"]);
});

/** The site itself, which is not committed. */
const SITE = /\.(html|css|js)$|^manifest\.json$|^figures\/(wide|narrow)\//;

Deno.test("reports/rendered and README are those of the results that they name, all of which are in results/", async () => {
  const rendered = "reports/rendered";
  await inFolder(async (folder) => {
    // Results of the reader's own runs may lie in results/ besides.
    const results = join(folder, "results"), out = join(folder, rendered), readme = join(folder, "README.md");
    await Deno.mkdir(results, { recursive: true });
    const named = Array.from(Deno.readDirSync(rendered)).some(({ name }) => name === "results");
    for (const name of (named ? filesIn(rendered, "results") : []).map((name) => name.replace("results/", ""))) {
      await Deno.mkdir(dirname(join(results, name)), { recursive: true });
      await Deno.copyFile(join("results", name), join(results, name));
    }
    const evidence = join(folder, "docs/EVIDENCE.md");
    await Deno.mkdir(join(folder, "docs"));
    await Deno.copyFile("README.md", readme);
    await Deno.copyFile("docs/EVIDENCE.md", evidence);
    const { code, err } = await command(
      "commands/report/main.ts",
      "--results",
      results,
      "--rendered",
      "--out",
      out,
      "--readme",
      readme,
      "--evidence",
      evidence,
    );
    assertEqual([code, err], [0, ""]);
    const kept = (folder: string) => filesIn(folder).filter((name) => !SITE.test(name));
    assertEqual(kept(rendered), kept(out));
    for (const name of kept(out)) {
      assertTrue(read(out, name) === read(rendered, name), `${name}: run deno task report --rendered`);
    }
    for (const page of ["README.md", "docs/EVIDENCE.md"]) {
      assertTrue(read(folder, page) === read(".", page), `${page}: run deno task report --rendered`);
    }
  });
});

Deno.test("report without --rendered leaves the ledger of results/ as it is, and refuses --readme", async () => {
  await inFolder(async (out) => {
    const ledger = await Deno.readTextFile("results/ledger.tsv");
    const { code, err } = await command("commands/report/main.ts", "--out", out);
    assertEqual([code, err, await Deno.readTextFile("results/ledger.tsv")], [0, "", ledger]);
  });
  const { code, err } = await command("commands/report/main.ts", "--readme", "README.md");
  assertEqual([code, err], [1, "error: Cannot use --readme: it has no effect with a report without --rendered\n"]);
});

Deno.test("report wants the marks in a README whose results it writes", async () => {
  await inFolder(async (folder) => {
    const readme = join(folder, "README.md"), out = join(folder, "out");
    await Deno.writeTextFile(readme, "# Mine\n");
    await saveStudy(folder);
    const results = join(folder, "results");
    const { code, err } = await command(
      "commands/report/main.ts",
      "--results",
      results,
      "--rendered",
      "--out",
      out,
      "--readme",
      readme,
    );
    assertEqual(code, 1);
    assertTrue(err.startsWith(`error: Cannot write the results into ${readme}: want the lines '<!-- results`), err);
    assertEqual(await Deno.readTextFile(readme), "# Mine\n");
  });
});

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
