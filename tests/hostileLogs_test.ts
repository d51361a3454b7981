import { join } from "node:path";
import { LOCALMIM_VIT_B } from "../core/methods/localmim/config.ts";
import { z } from "zod";
import { hidesSomething, printable, printableJson } from "../core/printable.ts";
import { buildReport } from "../reports/buildReport.ts";
import { reportFiles } from "../reports/reportFiles.ts";
import { loadAuthorsCells, loadAuthorsRuns } from "../reports/sources/authors.ts";
import { parseData } from "../reports/sources/yamlFile.ts";
import { loadClaimSets, loadClaimSources } from "../reports/sources/claimSets.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { madeUpLog } from "./madeUpLog.ts";
import { command, inFolder } from "./reportTools.ts";

/** What a terminal, a page, a table or a sheet would obey. */
const HOSTILE = "\x1b[2J\u202e\u2066\x9b1m<script>alert(1)</script><img src=x onerror=alert(1)>|\"',;\u2028";

const NOTE = z.strictObject({ note: z.string() });

/** Whether all of a text that is to be shown by lines shows what it is. */
function isShown(text: string): boolean {
  return text.split("\n").every((line) => !hidesSomething(line));
}

Deno.test("import:log escapes what a log's fields would do to a terminal, in text, warnings, errors and JSON", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a\u202eb.log"), long = "vit_base_" + "x".repeat(50_000);
    // A colour is taken off, as a terminal would; the others stay in the arguments.
    const args = { model: `'${HOSTILE.replaceAll("'", "")}'`, resume: `'${HOSTILE.replaceAll("'", "")}'`, t_0: "0.8" };
    const logs: Record<string, string>[] = [args, { model: `'${long}'` }, {
      warmup_epochs: `'${HOSTILE.replaceAll("'", "")}'`,
    }];
    for (const own of logs) {
      await Deno.writeTextFile(path, madeUpLog({ args: own, last: 8, ends: false }));
      for (const flags of [[], ["--all"], ["--json"]]) {
        const { code, out, err } = await command("commands/importLog/main.ts", path, ...flags);
        assertEqual(code, 0, err);
        assertTrue(out.length > 500 && isShown(out) && isShown(err), JSON.stringify(out.slice(0, 2000)));
        if (flags[0] === "--json") assertTrue(JSON.parse(out).file.includes("\u202e"), "JSON reads back as it was");
        else {assertTrue(
            out.split("\n").every((line) =>
              line.length <= 80 || /^(No comparison|\w+ pre-training:|A training log:)/.test(line)
            ),
            "a long line",
          );}
      }
    }
    await Deno.writeTextFile(path, `${HOSTILE}\n${"y".repeat(60_000)}\n`);
    const { code, err } = await command("commands/importLog/main.ts", path);
    assertEqual([code, err.split("\n").length, isShown(err), err.length < 1000], [1, 2, true, true], err);
  }));

Deno.test("a report escapes what the fields of logs would do to a page, a picture, a table and a sheet", async () => {
  // What hides something is refused where it is read.
  for (const text of ["a\u202eb", "\x1b[2J", "\x9b", "a\ud800"]) {
    const yaml = `note: ${JSON.stringify(text)}`;
    await assertRejects(
      () => Promise.resolve().then(() => parseData("x.yaml", new TextEncoder().encode(yaml), NOTE)),
      "Cannot read reports/x.yaml: at note: its text has characters that are not shown, want none",
    );
  }
  assertEqual(parseData("x.yaml", new TextEncoder().encode("note: |\n  a\n  b\n"), NOTE), { note: "a\nb\n" });
  const hostileText = printable(HOSTILE), sources = await loadClaimSources(), authorsRuns = await loadAuthorsRuns();
  const hostile = authorsRuns.map((run) => ({
    ...run,
    run: `${run.run}${hostileText}`,
    what: hostileText,
    note: hostileText,
    args: { ...run.args, model: hostileText },
  }));
  const authorsCells = (await loadAuthorsCells(authorsRuns)).map((cell) => ({
    ...cell,
    run: `${cell.run}${hostileText}`,
    note: hostileText,
  }));
  const claimSets = await loadClaimSets(sources);
  const none = { records: [], times: [], lost: [], unusable: [hostileText] };
  const report = await buildReport({
    sources,
    claimSets,
    authorsRuns: hostile,
    authorsCells,
    model: LOCALMIM_VIT_B,
    ...none,
  });
  const files = reportFiles(report);
  const kinds: Record<string, number> = {};
  for (const [name, text] of files) {
    const kind = name.slice(name.lastIndexOf(".") + 1);
    if (text.includes("alert(1)")) kinds[kind] = (kinds[kind] ?? 0) + 1;
    assertTrue(isShown(text), `${name}: ${[...text].findIndex((char) => char !== "\n" && hidesSomething(char))}`);
    if (["html", "svg", "md"].includes(kind)) {
      const raw = text.split("\n").find((line) => /(?<!\\)<(script>alert|img src=x)/.test(line));
      assertEqual(raw, undefined, name);
    }
    if (kind === "md") {
      for (const line of text.split("\n").filter((line) => line.startsWith("|") && line.includes("alert(1)"))) {
        assertTrue(!/[^\\]\|"/.test(line), `${name}: ${line}`);
      }
    }
  }
  assertEqual(["html", "md", "csv", "json"].filter((kind) => !kinds[kind]), [], "kinds that show no field of a log");
  assertEqual(JSON.parse(printableJson({ a: HOSTILE })), { a: HOSTILE });
});
