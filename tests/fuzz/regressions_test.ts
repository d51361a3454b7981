// Inputs that once crashed a reader, held it up or passed it, each in its shortest form.

import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { pack } from "tar-stream";
import { z } from "zod";
import { UserError } from "../../core/errors.ts";
import { readSafetensors } from "../../core/safetensors/read.ts";
import { writeSafetensors } from "../../core/safetensors/write.ts";
import { checkSchedule } from "../../core/schedules/schedule.ts";
import { decodeImage } from "../../datasets/imageFolder/decode.ts";
import { openDataset } from "../../datasets/openDataset.ts";
import { scheduleOf } from "../../commands/schedule/flags.ts";
import { planGrid } from "../../commands/grid/plan.ts";
import { parseLine } from "../../reports/logs/lineKinds.ts";
import { parseLog, readLog } from "../../reports/logs/readLog.ts";
import { canonicalJson } from "../../records/canonical.ts";
import { sha256 } from "../../core/sha256.ts";
import { readRecord } from "../../records/store.ts";
import { parseData } from "../../reports/sources/yamlFile.ts";
import { assertEqual, assertRejects } from "../assert.ts";
import { madeUpLog } from "../madeUpLog.ts";
import { madeUpPretraining } from "../madeUpRecords.ts";
import { inFolder } from "../reportTools.ts";

/** Fails unless a UserError with the words is thrown. */
async function refused(read: () => unknown, words: string): Promise<void> {
  let error: unknown;
  await assertRejects(async () => {
    try {
      await read();
    } catch (thrown) {
      error = thrown;
      throw thrown;
    }
  }, words);
  assertEqual(error instanceof UserError, true, String(error));
}

Deno.test("UserError shows control characters as escapes, so that a name found neither ends a line nor moves a cursor", () => {
  assertEqual(new UserError("a \x1b[2J\n\x9b'").message, "a \\x1b[2J\\n\\x9b'");
  assertEqual(new UserError("first\r", "second").message, "first\\x0d\nsecond");
});

Deno.test("readSafetensors() reads metadata of 20 million characters, many of them escaped", () => {
  const metadata = { text: "x".repeat(1e7), quotes: '"'.repeat(5e6) };
  assertEqual(readSafetensors(writeSafetensors([], metadata)).metadata, metadata);
});

Deno.test("readRecord() refuses a value nested 100,000 deep, and bytes that are no UTF-8", () =>
  inFolder(async (folder) => {
    const read = async (bytes: Uint8Array<ArrayBuffer>) => {
      const path = `${folder}/${sha256(bytes)}.json`;
      await Deno.writeFile(path, bytes);
      return await readRecord(path);
    };
    const text = new TextEncoder(), made = madeUpPretraining();
    const run = canonicalJson({ ...made, asked: { ...made.asked, profile: "tiny~" } });
    const deep = run.replace('"tiny~"', `${"[".repeat(1e5)}${"]".repeat(1e5)}`);
    await refused(() => read(text.encode(deep)), "it is nested over 100 deep");
    const bytes = text.encode(run);
    bytes[bytes.indexOf("~".charCodeAt(0))] = 0xff;
    await refused(() => read(bytes), "its JSON is not in canonical form");
  }));

Deno.test("parseData() refuses YAML with an alias of nothing, a bomb of aliases and brackets without end", async () => {
  const parse = (text: string) => parseData("x.yaml", new TextEncoder().encode(text), z.unknown());
  await refused(() => parse("a: *b"), "Cannot read reports/x.yaml: Unresolved alias");
  const names = [..."abcdefgh"], ten = (item: string) => `[${new Array(10).fill(item).join(",")}]`;
  const bomb = names.map((name, k) => `${name}: &${name} ${ten(k === 0 ? "x" : `*${names[k - 1]}`)}`).join("\n");
  await refused(() => parse(bomb), "Excessive alias count");
  await refused(() => parse("[".repeat(20_000)), "Cannot read reports/x.yaml: Maximum call stack size exceeded");
});

Deno.test("checkSchedule() refuses layers and iterations that cannot be counted, and rates that are not finite", async () => {
  const flags = { layers: "13", t0: "0.8", epochs: "100", warmup: "10", "base-lr": "1" };
  await refused(() => scheduleOf({ ...flags, layers: "1e9" }), "layers 1000000000 in a schedule: want a whole number");
  await refused(() => scheduleOf({ ...flags, epochs: "1e300" }), "epochs 1e+300 in a schedule: want a run of at most");
  await refused(
    () => scheduleOf({ ...flags, "base-lr": "1e30" }),
    "baseLr 1e+30 in a schedule: want no layer to start",
  );
  const most = scheduleOf({ ...flags, layers: "10000" });
  assertEqual(checkSchedule(most).layers, 10_000);
});

Deno.test("parseLine() takes no longer for a line that begins a message 2,800 times", () => {
  const line = (count: number) => "Epoch: [1] Total time: ".repeat(count);
  const seconds = (count: number) => {
    const start = performance.now();
    for (let i = 0; i < 5; i++) assertEqual(parseLine(line(count)), undefined);
    return performance.now() - start;
  };
  seconds(2800);
  // 28 times the text: some 28 times as long, and 784 times as long when every beginning reads to the end of the line.
  const short = Math.min(...[0, 1, 2].map(() => seconds(100))), long = Math.min(...[0, 1, 2].map(() => seconds(2800)));
  assertEqual(long < 200 * Math.max(short, 0.05), true, `${short} ms and ${long} ms`);
});

Deno.test("readLog() reads a gzip log that is followed by other bytes, few or many", () =>
  inFolder(async (folder) => {
    const path = `${folder}/log.gz`, text = madeUpLog({ last: 2 }), zipped = new Uint8Array(gzipSync(text));
    const wanted = (await parseLog([new TextEncoder().encode(text)])).run.epochs;
    for (const tail of [1, 10_000, 100_000]) {
      await Deno.writeFile(path, zipped);
      await Deno.writeFile(path, new Uint8Array(tail), { append: true });
      assertEqual((await readLog(path)).run.epochs, wanted);
    }
  }));

Deno.test("decodeImage() refuses an SVG and an AVIF whatever their names, and an image of 144 million pixels", async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"/></svg>';
  const want = "want a whole JPEG, PNG, WebP, GIF, TIFF, BMP, PGM or PPM";
  await refused(
    () => decodeImage(new TextEncoder().encode(svg), "a.png"),
    `it is an SVG drawing, ${want}`,
  );
  const blank = (side: number) => sharp({ create: { width: side, height: side, channels: 3, background: "grey" } });
  await refused(async () => decodeImage(await blank(8).avif({ effort: 0 }).toBuffer(), "a.jpg"), "AVIF");
  const huge = await blank(12_000).png({ compressionLevel: 1 }).toBuffer();
  await refused(() => decodeImage(huge, "a.png"), "it has 12000 x 12000 pixels, want at most 100000000");
});

Deno.test("openDataset() refuses a file of 300 MB in a small compressed archive before it takes memory for it", () =>
  inFolder(async (folder) => {
    const tar = pack(), chunks: Uint8Array[] = [];
    const feeding = (async () => {
      for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
    })();
    const zeros = new Uint8Array(3e8), one = new Uint8Array(1);
    tar.entry({ name: "train/cat/a.png" }, zeros);
    for (const name of ["train/dog/a.png", "val/cat/a.png", "val/dog/a.png"]) tar.entry({ name }, one);
    tar.finalize();
    await feeding;
    const path = `${folder}/a.tgz`;
    await Deno.writeFile(
      path,
      gzipSync(new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer()), { level: 1 }),
    );
    await refused(() => openDataset({ path, cacheFolder: `${folder}/cache` }), "it has 300000000 bytes, want at most");
  }));

Deno.test("planGrid() refuses a grid of more runs than can be planned, before it makes them", async () => {
  const request = { experiment: "thesis.table17", profile: "ci", rows: ["localmim"], probes: [], passed: [] };
  await refused(() => planGrid({ ...request, seeds: 2 ** 53, sets: [] }), "it has up to 9007199254740992 runs");
  const sets = ["epochs", "batch", "baseLr", "minLr"].map((key): [string, string[]] => {
    return [`pretrain.${key}`, Array.from({ length: 10 }, (_, i) => String(i + 1))];
  });
  await refused(() => planGrid({ ...request, seeds: 1, sets }), "it has up to 10000 runs, want at most 5000");
});
