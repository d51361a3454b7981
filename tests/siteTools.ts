import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { jsonFiles } from "../reports/reportFiles.ts";
import type { Report } from "../reports/model.ts";
import { markdownFiles } from "../reports/render/markdown/markdownFiles.ts";
import { siteFiles } from "../reports/render/site/siteFiles.ts";
import { findChromium, startChromium } from "./browserTools.ts";
import { inFolder } from "./reportTools.ts";

/** Windows of a phone and of a desk. */
export const PHONE = { width: 390, height: 844 }, DESKTOP = { width: 1280, height: 800 };

/** Writes a site with a file for each record, and opens it by file:// in Chromium; skips when there is no Chromium. */
export async function onSite(report: Report, test: (browser: Browser, root: string) => Promise<void>): Promise<void> {
  const path = findChromium();
  if (path === undefined) return console.log("skipped: no Chromium");
  await inFolder(async (folder) => {
    const cells = report.tables.flatMap(({ scales }) =>
      scales.flatMap(({ rows }) => rows.flatMap(({ records }) => records))
    );
    const all = report.scales.flatMap(({ records }) => records.flatMap(({ links }) => links));
    const results = [...cells, ...all].filter(({ lost }) => lost === null).map((
      { href },
    ): [string, string] => [href, "{}\n"]);
    for (
      const [name, text] of new Map([...siteFiles(report), ...markdownFiles(report), ...jsonFiles(report), ...results])
    ) {
      await Deno.mkdir(dirname(join(folder, name)), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    const browser = await startChromium(path);
    try {
      await test(browser, `file://${folder}`);
    } finally {
      await browser.close();
    }
  });
}
