import axe from "axe-core";
import type { Page } from "playwright-core";
import sharp from "sharp";
import { loadRecords } from "../records/store.ts";
import { loadReport } from "../reports/loadReport.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { overflow } from "./browserTools.ts";
import { DESKTOP, onSite, PHONE } from "./siteTools.ts";

const report = await loadReport({ records: await loadRecords() });
const PAGES = [
  "index.html",
  "figures.html",
  "claims.html",
  "runs.html",
  "tables/thesis.table17.html",
  "tables/dmjd.table6.html",
];
/** Pixels of a sheet of A4 at 96 dots an inch, less margins of 12 mm: upright, and across. */
const UPRIGHT = { width: 702, height: 1032 }, ACROSS = { width: 1032, height: 702 };

/** The drawings that are shown on a page. */
async function shown(page: Page) {
  return await page.evaluate(() =>
    [...document.querySelectorAll<HTMLImageElement>(".card img")].filter((image) => image.getClientRects().length > 0)
      .map((image) => {
        const { left, right, width, height } = image.getBoundingClientRect();
        const { naturalWidth, naturalHeight, complete } = image;
        return { form: image.className, left, right, width, height, naturalWidth, naturalHeight, complete };
      })
  );
}

/** The colour of the corner of what a locator finds, as #rrggbb. */
async function corner(page: Page, selector: string): Promise<string> {
  const png = await page.locator(selector).first().screenshot();
  const { data } = await sharp(png).extract({ left: 4, top: 4, width: 1, height: 1 }).raw().toBuffer({
    resolveWithObject: true,
  });
  return `#${[...data.subarray(0, 3)].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

Deno.test("figures are whole, of the drawing for the window, and their letters are large enough", async () => {
  await onSite(report, async (browser, root) => {
    for (const [viewport, form, natural] of [[PHONE, "narrow", 356], [DESKTOP, "wide", 880]] as const) {
      const page = await browser.newPage({ viewport });
      for (const path of ["index.html", "figures.html", "tables/thesis.table20.html"]) {
        await page.goto(`${root}/${path}`);
        const images = await shown(page);
        const wanted = await page.locator(".figure").count();
        assertTrue(wanted > 1, `${path} has figures`);
        assertEqual(images.map((image) => image.form), Array(wanted).fill(form), path);
        for (const { left, right, width, height, naturalWidth, naturalHeight, complete } of images) {
          assertTrue(complete && left >= 0 && right <= viewport.width, `${path}: ${left} to ${right}`);
          assertEqual(naturalWidth, natural, path);
          // Letters are 12 pixels at least as drawn.
          assertTrue(12 * width / natural >= 11, `${path}: ${width} pixels`);
          assertTrue(Math.abs(height / width - naturalHeight / naturalWidth) < 0.01, `${path}: drawn out of shape`);
        }
        assertEqual(await overflow(page), 0, path);
      }
      await page.close();
    }
  });
});

Deno.test("figures follow the scheme of the page, and so does a drawing that stands alone", async () => {
  await onSite(report, async (browser, root) => {
    for (const [colorScheme, ground] of [["light", "#ffffff"], ["dark", "#16181a"]] as const) {
      const page = await browser.newPage({ viewport: DESKTOP, colorScheme });
      await page.goto(`${root}/figures.html`);
      assertEqual(await corner(page, "#figure-pareto-published img"), ground, colorScheme);
      await page.goto(`${root}/figures/pareto-published.svg`);
      assertEqual(await corner(page, "svg"), ground, `${colorScheme}, alone`);
      await page.close();
    }
  });
});

Deno.test("on paper no table is cut, no heading is left alone, bars stay and drawings are those for wide windows", async () => {
  await onSite(report, async (browser, root) => {
    const page = await browser.newPage({ viewport: PHONE, colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    for (const path of [...PAGES, ...report.tables.map(({ id }) => `tables/${id}.html`)]) {
      await page.goto(`${root}/${path}`);
      const across = await page.locator(".across").count() > 0;
      await page.setViewportSize(across ? ACROSS : UPRIGHT);
      assertEqual(await overflow(page), 0, path);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll("table, img, pre")].filter((one) =>
          one.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        ).length
      );
      assertEqual(cut, 0, `${path}: too wide for the sheet`);
      assertTrue((await shown(page)).every(({ form }) => form === "wide"), path);
      const loose = await page.evaluate(() =>
        [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => getComputedStyle(one).breakAfter !== "avoid")
          .length
      );
      assertEqual(loose, 0, path);
    }
    await page.goto(`${root}/index.html`);
    const looks = await page.evaluate(() => [
      getComputedStyle(document.querySelector(".bar span")!).printColorAdjust,
      getComputedStyle(document.body).backgroundColor,
    ]);
    assertEqual(looks, ["exact", "rgb(253, 252, 249)"]);
  });
});

Deno.test("a page with a wide table is printed across, others upright", async () => {
  await onSite(report, async (browser, root) => {
    const page = await browser.newPage({ viewport: DESKTOP });
    const sheets = async (path: string) => {
      await page.goto(`${root}/${path}`);
      const pdf = new TextDecoder("latin1").decode(await page.pdf({ preferCSSPageSize: true, format: "A4" }));
      return new Set([...pdf.matchAll(/\/MediaBox ?\[0 0 ([\d.]+)/g)].map(([, width]) => Math.round(Number(width))));
    };
    assertEqual(await sheets("tables/thesis.table17.html"), new Set([842]));
    assertEqual(await sheets("index.html"), new Set([596]));
  });
});

Deno.test("the first screen holds the four questions about ViTFreeze with all answers, also on a page without a script", async () => {
  await onSite(report, async (browser, root) => {
    const page = await browser.newPage({ viewport: DESKTOP, javaScriptEnabled: false });
    await page.goto(`${root}/index.html`);
    const cells = page.locator(".answers tbody td");
    assertEqual(await cells.count(), 18);
    const lowest = Math.max(
      ...(await Promise.all((await cells.all()).slice(0, 12).map((cell) => cell.boundingBox()))).map((box) =>
        box!.y + box!.height
      ),
    );
    assertTrue(lowest <= DESKTOP.height, `the answers end at ${lowest}`);
    const order = await page.locator(".answers, #counts, #figure-pareto-published").evaluateAll((all) =>
      all.map(({ id, className }) => id || className)
    );
    assertEqual(order, ["answers", "counts", "figure-pareto-published"]);
    await page.setViewportSize(PHONE);
    assertEqual(await page.locator(".answers tbody td:visible").count(), 18);
    assertEqual(await page.locator(".card img:visible").count(), await page.locator(".figure").count());
  });
});

Deno.test("axe finds nothing to object to, in either scheme, on a phone or a desk", async () => {
  await onSite(report, async (browser, root) => {
    const page = await browser.newPage();
    for (const path of PAGES) {
      await page.goto(`${root}/${path}`);
      await page.evaluate(axe.source);
      for (const colorScheme of ["light", "dark"] as const) {
        for (const viewport of [PHONE, DESKTOP]) {
          await page.emulateMedia({ colorScheme });
          await page.setViewportSize(viewport);
          // Colours are those of the scheme whatever the width, and take axe twice as long as all else.
          const withContrast = (colorScheme === "dark") === (viewport === PHONE);
          const found = await page.evaluate(async (enabled) => {
            const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({
              resultTypes: ["violations"],
              rules: { "color-contrast": { enabled } },
            });
            return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
          }, withContrast);
          assertEqual(found, [], `${path}, ${colorScheme}, ${viewport.width} px`);
        }
      }
    }
  });
});
