import { markdownFiles } from "../reports/render/markdown/markdownFiles.ts";
import { escaped } from "../reports/render/markdown/syntax.ts";
import { siteFiles } from "../reports/render/site/siteFiles.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { fullReport } from "./fullReport.ts";
import { EMPTY_REPORT, madeUpReport } from "./madeUpReport.ts";
import { filesBeside } from "./pageChecks.ts";

const report = madeUpReport(), full = await fullReport(), files = siteFiles(report);

Deno.test("markdownFiles() keeps every table rectangular and escapes what the report says", () => {
  for (const [path, content] of [...markdownFiles(report), ...markdownFiles(full)]) {
    for (const block of content.split("\n\n").filter((part) => part.startsWith("|"))) {
      const bars = block.trim().split("\n").map((line) => line.match(/(?<!\\)\|/g)!.length);
      assertEqual(new Set(bars).size, 1, `${path}: ${bars}`);
    }
    assertTrue(!/(?<!\\)<(?!br>)/.test(content), path);
  }
});

Deno.test("markdownFiles() links to files of its own and of the site", () => {
  const beside = filesBeside(report);
  for (const [path, content] of markdownFiles(report)) {
    for (const [, address] of content.matchAll(/\]\(([^)]*)\)/g)) {
      const url = new URL(address, `file:///${path}`);
      const file = decodeURI(url.pathname.slice(1)).replaceAll("%23", "#");
      assertTrue(files.has(file) || beside.has(file), `${path} -> ${address}`);
    }
  }
});

Deno.test("markdownFiles() shows values, differences and states", () => {
  const table = markdownFiles(report).get("tables/thesis.table17.md")!;
  for (
    const words of ["50.25 ± 0.31 (−10.75, another scale)", "0.900 (+0.067, not reproduced)", "not run", "missing"]
  ) {
    assertTrue(table.includes(words), words);
  }
  const runs = markdownFiles(report).get("runs.md")!;
  for (const { facts } of report.scales) {
    for (const fact of facts) assertTrue(runs.includes(`\n- ${escaped(fact)}`), fact);
  }
  assertTrue(runs.includes("\n## Not used\n"), runs);
  const first = markdownFiles(report).get("README.md")!;
  for (const warning of report.warnings) assertTrue(first.includes(`\n- ${escaped(warning)}`), warning);
  for (const path of ["README.md", "runs.md"]) {
    assertTrue(markdownFiles(EMPTY_REPORT).get(path)!.includes("Nothing was run."), path);
  }
});
