import type { Page } from "playwright-core";
import { siteFiles } from "../reports/render/site/siteFiles.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { collectTrouble, lowestContrast, overflow } from "./browserTools.ts";
import { fullReport } from "./fullReport.ts";
import { madeUpReport } from "./madeUpReport.ts";
import { DESKTOP, onSite, PHONE } from "./siteTools.ts";

/** Addresses of all links of the page that are shown, without anchors and queries. */
async function linkedFiles(page: Page): Promise<string[]> {
  return await page.evaluate(() =>
    [...document.querySelectorAll("a[href]:not([download])")].map((link) =>
      (link as HTMLAnchorElement).href.replace(/[#?].*$/, "")
    )
  );
}

for (const name of ["made-up", "full"]) {
  Deno.test(`the site of the ${name} report opens by file:// without errors and never scrolls sideways`, async () => {
    const report = name === "full" ? await fullReport() : madeUpReport();
    await onSite(report, async (browser, root) => {
      const page = await browser.newPage({ viewport: PHONE });
      const trouble = collectTrouble(page);
      const seen = new Set([`${root}/index.html`]), waiting = [...seen];
      while (waiting.length > 0) {
        const address = waiting.pop()!;
        await page.goto(address);
        if (address.endsWith(".svg")) continue;
        for (const viewport of [DESKTOP, PHONE]) {
          await page.setViewportSize(viewport);
          assertEqual(await overflow(page), 0, `${address} at ${viewport.width} px`);
        }
        for (const next of await linkedFiles(page)) {
          // That files of other kinds are there, site_test.ts looks.
          if (seen.has(next) || !/\.(html|svg)$/.test(next)) continue;
          seen.add(next);
          waiting.push(next);
        }
      }
      assertEqual(trouble, []);
      for (const path of siteFiles(report).keys()) {
        if (path.endsWith(".html")) assertTrue(seen.has(`${root}/${path}`), `${path} is never reached`);
      }
    });
  });
}

Deno.test("a table's heads sort it up, down and back, by mouse and by keyboard", async () => {
  await onSite(madeUpReport(), async (browser, root) => {
    const page = await browser.newPage({ viewport: DESKTOP });
    await page.goto(`${root}/tables/thesis.table17.html`);
    const rows = () => page.locator("#printed tbody tr").evaluateAll((found) => found.map(({ id }) => id.slice(4)));
    const head = (name: string) => page.locator("#printed thead th", { hasText: name }).first();
    const original = await rows();
    const sort = async (name: string) => {
      await head(name).getByRole("button").click();
      return [await rows(), await head(name).getAttribute("aria-sort")];
    };
    // A cell without a value stays last in either direction.
    assertEqual(await sort("Top-1"), [["late", "freeze", "base", "cut"], "ascending"]);
    assertEqual(await sort("Top-1"), [["base", "freeze", "late", "cut"], "descending"]);
    assertEqual(await sort("Top-1"), [original, null]);
    await head("Device").getByRole("button").focus();
    await page.keyboard.press("Enter");
    assertEqual(await rows(), ["base", "freeze", "cut", "late"]);
    await page.keyboard.press("Space");
    assertEqual(await rows(), ["cut", "freeze", "base", "late"]);
    assertEqual(await page.locator("#printed th[aria-sort]").count(), 1);
  });
});

Deno.test("the first column of a wide table stays in sight on a phone", async () => {
  await onSite(madeUpReport(), async (browser, root) => {
    const page = await browser.newPage({ viewport: PHONE });
    await page.goto(`${root}/tables/thesis.table17.html`);
    const box = page.locator(".box").nth(1);
    const left = () => box.locator("tbody th").first().evaluate((head) => head.getBoundingClientRect().left);
    const before = await left();
    assertTrue(await box.evaluate((found) => found.scrollWidth > found.clientWidth), "the table is wider than the box");
    await box.evaluate((found) => found.scrollBy(200, 0));
    assertEqual(await left(), before);
  });
});

Deno.test("claims are filtered by paper, verdict and text, and by the address", async () => {
  await onSite(madeUpReport(), async (browser, root) => {
    const page = await browser.newPage({ viewport: DESKTOP });
    await page.goto(`${root}/index.html`);
    await page.getByRole("link", { name: "inconsistent" }).click();
    const shown = () => page.locator("article.claim:visible .id").allTextContents();
    assertEqual(await shown(), ["t17.8"]);
    assertEqual(await page.locator("#shown").textContent(), "1 of 11 claims, 0 of 2 cross-checks");
    await page.getByLabel("Kind").selectOption("");
    assertEqual(await shown(), ["t17.8", "x.hours"]);
    assertEqual(await page.locator("#shown").textContent(), "1 of 11 claims, 1 of 2 cross-checks");
    await page.getByLabel("Paper").selectOption("dmjd");
    assertEqual(await shown(), ["x.hours"]);
    await page.getByLabel("Verdict").selectOption("");
    assertEqual(await shown(), ["t2.speed_a", "d.11", "d.18", "x.hours"]);
    await page.getByLabel("Text").fill("hours AGREE");
    assertEqual(await shown(), ["x.hours"]);
    assertEqual(await page.locator("section.claims:visible").count(), 1);
    await page.getByRole("button", { name: "Show all" }).click();
    await page.waitForFunction(() =>
      document.getElementById("shown")?.textContent ===
        "11 of 11 claims, 2 of 2 cross-checks"
    );
  });
});

Deno.test("text is readable in light and dark", async () => {
  await onSite(madeUpReport(), async (browser, root) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ viewport: DESKTOP, colorScheme });
      const dark = colorScheme === "dark";
      for (const path of ["index.html", "tables/thesis.table17.html", "claims.html", "runs.html"]) {
        await page.goto(`${root}/${path}`);
        const { ratio, text } = await lowestContrast(page);
        assertTrue(ratio >= 4.5, `${path}, ${colorScheme}: '${text}' has ${ratio.toFixed(2)}`); // WCAG 2.2, level AA
      }
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assertEqual(ground, dark ? "rgb(22, 24, 26)" : "rgb(253, 252, 249)");
    }
  });
});

Deno.test("a figure's data can be downloaded", async () => {
  await onSite(madeUpReport(), async (browser, root) => {
    const page = await browser.newPage({ viewport: DESKTOP });
    await page.goto(`${root}/figures.html`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("#figure-curves a[download]").click(),
    ]);
    assertEqual(await Deno.readTextFile(await download.path()), "series,x,y\na,1,2\n");
    assertEqual(download.suggestedFilename(), "curves.csv");
  });
});

Deno.test("without a script every page can still be read", async () => {
  await onSite(madeUpReport(), async (browser, root) => {
    const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled: false });
    await page.goto(`${root}/claims.html`);
    assertEqual(await page.locator("article.claim").count(), 13);
    assertEqual(await page.locator("#filters").isVisible(), false);
    await page.goto(`${root}/tables/thesis.table17.html`);
    assertEqual(await page.locator("th button").count(), 0);
  });
});
