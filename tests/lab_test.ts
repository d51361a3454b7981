// The page that trains in a tab, in a headless browser.

import axe from "axe-core";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { CompiledEngine } from "../core/engine/compiled.ts";
import { readSafetensors } from "../core/safetensors/read.ts";
import { proceduralDataset } from "../datasets/procedural/proceduralDataset.ts";
import { planOf } from "../experiments/plan.ts";
import { table17 } from "../experiments/thesis/table17.ts";
import { buildPage, withHost } from "../lab/build.ts";
import { answer } from "../lab/serve.ts";
import { SavedTime } from "../lab/tab/savedTime.ts";
import { inOrder } from "../records/phase.ts";
import { pretrainConfigSchema } from "../training/config.ts";
import { train } from "../training/loop.ts";
import { pretrainObjective } from "../training/phases/pretrain.ts";
import { DATA_SEED } from "../training/streams.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { findChromium, lowestContrast, overflow, startChromium } from "./browserTools.ts";
import { inFolder } from "./reportTools.ts";
import { DESKTOP, PHONE } from "./siteTools.ts";
import { monitor } from "./trainingTools.ts";

const chromium = findChromium();
if (!chromium) console.log("skipped: no Chromium, want one installed or named in $CHROMIUM");
/** Steps whose losses are compared: the first epoch. */
const STEPS = 20;

interface Lab {
  lab: { steps: { step: number; loss: number; live: boolean[]; rates: number[] }[] };
}

/** Losses of the first epoch by the same phase on this machine. */
async function lossesHere(): Promise<number[]> {
  const { runs } = planOf(table17, { profile: "ci", set: [], rows: ["vitfreeze"], seeds: [0], probes: [] });
  const phase = inOrder(runs[0].phases).find(({ kind }) => kind === "pretrain")!, losses: number[] = [];
  const config = pretrainConfigSchema.parse(phase.config), engine = new CompiledEngine(1);
  const dataset = proceduralDataset({ seed: DATA_SEED, size: 64, train: phase.data.train!, test: 0 });
  await train(pretrainObjective(config, dataset.train, 0), {
    engine: {
      info: engine.info,
      infer: (program, arena) => engine.infer(program, arena),
      async train(program, arena, gradients) {
        const step = await engine.train(program, arena, gradients);
        return {
          async run(feeds) {
            const outputs = await step.run(feeds);
            losses.push(outputs.loss[0]);
            return outputs;
          },
          reread() {},
          dispose: () => step.dispose(),
        };
      },
    },
    dataset,
    seed: 0,
    monitor: monitor(),
    until: 1,
  });
  return losses;
}

/** Serves a page's folder while something is done with it. */
async function served(folder: string, isolated: boolean, use: (address: string) => Promise<void>): Promise<void> {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(request, folder, isolated),
  );
  try {
    await use(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

async function inBrowser(use: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await startChromium(chromium!);
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/** Opens the page and waits until it is ready to train; what goes wrong on it comes into the list. */
async function open(page: Page, address: string): Promise<string[]> {
  const trouble: string[] = [], { origin } = new URL(address);
  page.on("pageerror", ({ message }) => trouble.push(message));
  page.on("requestfailed", (request) => trouble.push(`failed: ${request.url()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) {
      trouble.push(`outside: ${request.url()}`);
    }
  });
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(address);
  await page.waitForFunction(() => !(document.getElementById("start") as HTMLButtonElement).disabled);
  return trouble;
}

const stepsOf = (page: Page) => page.evaluate(() => (globalThis as unknown as Lab).lab.steps);
const reaches = (page: Page, step: number) =>
  page.waitForFunction((wanted) => (globalThis as unknown as Lab).lab.steps.length >= wanted, step, {
    timeout: 180_000,
  });

/** Faults that axe finds. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

Deno.test({
  name:
    "the page trains as this machine does, by keyboard, on a phone, in light and dark; pauses, looks, gives its weights away",
  ignore: !chromium,
  fn: () =>
    inFolder(async (folder) => {
      await buildPage(folder, () => {});
      const here = await lossesHere();
      assertEqual(here.length, STEPS);
      await served(folder, true, (address) =>
        inBrowser(async (browser) => {
          const page = await browser.newPage({ viewport: PHONE, colorScheme: "light" });
          const trouble = await open(page, `${address}?engine=wasm`);
          assertEqual(await page.inputValue("#row"), "vitfreeze");
          await page.focus("#engine");
          await page.keyboard.press("Tab");
          await page.keyboard.press("Enter");
          await reaches(page, STEPS + 1);
          const steps = await stepsOf(page),
            off = steps.slice(0, STEPS).map(({ loss }, k) => Math.abs(loss / here[k] - 1));
          // float32 sums in WebAssembly's order; 20 updates follow from each other.
          assertTrue(Math.max(...off) <= 1e-5, `losses are off by ${off}`);
          assertTrue(steps[0].loss > 1.5 * steps[STEPS].loss, "nothing was learned");
          // The focus went on to the button that pauses.
          await page.keyboard.press("Enter");
          await page.waitForFunction(() => document.getElementById("status")!.textContent === "Paused.");
          await page.waitForTimeout(1500);
          const before = (await stepsOf(page)).length;
          await page.waitForTimeout(1500);
          assertEqual((await stepsOf(page)).length, before, "it trains while it is paused");
          assertTrue(
            /^Computed by WebAssembly, \d threads?, ONNX Runtime 1\.30\.0\.$/.test((await page.textContent("#note"))!),
            "",
          );
          // While it is paused it looks at pictures, and gives weights away.
          assertEqual(await page.locator("#looks .look").count(), 3);
          await page.setInputFiles("#file", {
            name: "notes.txt",
            mimeType: "text/plain",
            buffer: new TextEncoder().encode("x") as never,
          });
          await page.waitForFunction(() =>
            document.getElementById("status")!.textContent!.startsWith("Cannot read notes.txt")
          );
          const png = await page.locator("#looks canvas").first().screenshot();
          await page.setInputFiles("#file", { name: "own.png", mimeType: "image/png", buffer: png });
          await page.waitForFunction(() => document.querySelectorAll("#looks .look").length === 4);
          assertEqual(await page.textContent("#looks .look h3"), "own.png");
          const [download] = await Promise.all([page.waitForEvent("download"), page.click("#weights")]);
          assertEqual(download.suggestedFilename(), `vitfreeze-step-${before}.safetensors`);
          const file = readSafetensors(await Deno.readFile((await download.path())!), "weights");
          assertEqual([file.metadata.format, file.metadata.kind, file.tensors.has("blocks.11.mlp.fc2.weight")], [
            "vitfreeze",
            "localmim",
            true,
          ]);
          assertEqual([await overflow(page), await faults(page)], [0, []]);
          await page.setViewportSize(DESKTOP);
          assertEqual([await overflow(page), await faults(page)], [0, []]);
          await page.emulateMedia({ colorScheme: "dark" });
          assertEqual(await faults(page), []);
          assertTrue((await lowestContrast(page)).ratio >= 4.5, JSON.stringify(await lowestContrast(page)));
          await page.click("#pause");
          await reaches(page, before + 3);
          assertEqual(trouble, []);
        }));
      // On a host without these headers it has one thread, and says so; WebGPU that is not there is refused by name.
      await served(folder, false, (address) =>
        inBrowser(async (browser) => {
          const context = await browser.newContext({ viewport: PHONE, colorScheme: "dark" });
          const page = await context.newPage();
          const trouble = await open(page, `${address}?engine=wasm&row=localmim`);
          assertEqual(await faults(page), []);
          await page.click("#start");
          await reaches(page, 2);
          const note = await page.textContent("#note");
          assertTrue(
            note!.includes("1 thread, ONNX Runtime 1.30.0; one thread, for the page is not cross-origin isolated"),
            note!,
          );
          assertEqual(trouble, []);
          const other = await context.newPage();
          await open(other, `${address}?engine=webgpu`);
          for (const each of [page, other]) await each.locator("#others").waitFor({ state: "visible" });
          await other.click("#start");
          await other.waitForFunction(() => document.getElementById("status")!.className === "bad");
          assertTrue((await other.textContent("#status"))!.startsWith("Cannot use WebGPU: this browser "), "");
        }));
    }),
});

Deno.test("answer() serves the page's files with their types, and nothing else", () =>
  inFolder(async (folder) => {
    const page = join(folder, "page");
    await Deno.mkdir(page);
    await Deno.writeTextFile(join(page, "index.html"), "<p>page</p>");
    await Deno.writeTextFile(join(page, "secret.txt"), "no");
    await Deno.writeTextFile(join(folder, "outside.html"), "no");
    const ask = async (path: string, isolated?: boolean) => {
      const response = await answer(new Request(`http://host${path}`), page, isolated);
      return [
        response.status,
        response.headers.get("content-type"),
        response.headers.get("cross-origin-embedder-policy"),
        await response.text(),
      ];
    };
    const html = "text/html; charset=utf-8";
    assertEqual(await ask("/"), [200, html, "require-corp", "<p>page</p>"]);
    assertEqual(await ask("/index.html?row=x", false), [200, html, null, "<p>page</p>"]);
    for (
      const path of [
        "/secret.txt",
        "/missing.js",
        "/..%2foutside.html",
        "/a/../../outside.html",
        "/..%5coutside.html",
        "/%",
      ]
    ) {
      assertEqual((await ask(path))[0], 404, path);
    }
  }));

Deno.test("withHost() takes Deno's own modules from the page's host, and nothing else", () => {
  assertEqual(
    withHost('import{a as b}from"node:crypto";import "node:os";import c from "./d.js";"from node:x"', "worker"),
    'import{a as b}from"./host.js";import "./host.js";import c from "./d.js";"from node:x"',
  );
});

Deno.test("SavedTime tells what steps after the first freeze took less than those before it", () => {
  const time = new SavedTime();
  for (let k = 0; k < 2; k++) time.add(100); // the first two are not counted
  for (const seconds of [1, 1, 2, 1]) time.add(seconds);
  assertEqual(time.share(), null, "nothing is frozen yet");
  time.froze(true);
  for (let k = 0; k < 5; k++) time.add(0.4);
  assertEqual(Math.abs(time.share()! - (1 - 7 / 10)) < 1e-12, true);
  const early = new SavedTime();
  early.froze(true);
  for (let k = 0; k < 9; k++) early.add(1);
  assertEqual(early.share(), null, "no step tells what one costs where nothing is frozen");
});
