import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { openDataset, openImageFolder, proceduralDataset } from "../datasets/mod.ts";
import { classSubset } from "../datasets/mod.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { type Files, tarOf, writeFiles } from "./cifarFixtures.ts";
import { inFolder } from "./reportTools.ts";
import { allPixels, pixelsOf, shortHash } from "./splitPixels.ts";

/** A 32 x 32 image of four stripes; every (red, serial) is another image. Small when encoded, 3072 bytes decoded. */
async function picture(red: number, serial: number, format: "png" | "jpeg" = "png"): Promise<Uint8Array> {
  const pixels = Uint8Array.from({ length: 3072 }, (_, i) => i % 3 === 0 ? red : (i >> 8 & 12) * 5 + serial * 3);
  return new Uint8Array(await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })[format]().toBuffer());
}

/** A data set of three classes: 4, 3 and 5 training images, 2 test images each. */
async function smallFiles(): Promise<Files> {
  const files: Files = {};
  for (const [label, [name, count]] of [["ant", 4], ["bee", 3], ["cat", 5]].entries()) {
    for (let i = 0; i < Number(count); i++) files[`train/${name}/${i}.png`] = await picture(label * 100, i);
    for (let i = 0; i < 2; i++) files[`test/${name}/${i}.jpg`] = await picture(label * 100, 50 + i, "jpeg");
  }
  return files;
}

Deno.test("openImageFolder() reads the same data set from a folder, .tar, .tar.gz, a wrapping folder and val/", async () => {
  await inFolder(async (folder) => {
    const files = await smallFiles(), options = { cacheFolder: join(folder, "cache") };
    const wrapped = Object.fromEntries(
      Object.entries(files).reverse().map(([path, bytes]) => [`set/${path.replace("test/", "val/")}`, bytes]),
    );
    wrapped["set/train/ant/.hidden.png"] = wrapped["set/README.txt"] = Uint8Array.of(1);
    const tar = await tarOf(files, "./");
    await Deno.writeFile(join(folder, "a.tar"), tar);
    await Deno.writeFile(join(folder, "b.tar.gz"), gzipSync(tar));
    await Deno.writeFile(join(folder, "c.tgz"), gzipSync(await tarOf(wrapped)));
    const paths = [
      await writeFiles(join(folder, "d"), files),
      ...["a.tar", "b.tar.gz", "c.tgz"].map((n) => join(folder, n)),
    ];
    const wanted = await smallPixels(files);
    for (const path of paths) {
      for (const budgetBytes of [1e6, 30000]) { // decoded in memory, and decoded as needed
        const set = await openImageFolder(path, { ...options, budgetBytes });
        assertEqual(set.classes, ["ant", "bee", "cat"]);
        assertEqual([...set.train.labels], [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2]);
        assertEqual([...set.test.labels], [0, 0, 1, 1, 2, 2]);
        assertEqual([...await allPixels(set.train), ...await allPixels(set.test)], wanted, path);
      }
    }
    const archive = await openImageFolder(join(folder, "a.tar"), options);
    assertEqual(archive.sha256, createHash("sha256").update(tar).digest("hex"));
  });
});

/** What the small data set holds, decoded here, in the order of classes and paths. */
async function smallPixels(files: Files): Promise<Uint8Array[]> {
  const paths = Object.keys(files).filter((path) => path.startsWith("train/"));
  paths.push(...Object.keys(files).filter((path) => path.startsWith("test/")));
  return await Promise.all(paths.map(async (path) => new Uint8Array(await sharp(files[path]).raw().toBuffer())));
}

Deno.test("openImageFolder() changes its SHA-256 with a folder's used content only", async () => {
  await inFolder(async (folder) => {
    const root = await writeFiles(join(folder, "set"), await smallFiles());
    const sha = async (options = {}) =>
      (await openImageFolder(root, { cacheFolder: join(folder, "c"), ...options })).sha256;
    const first = await sha(), ants = await sha({ classes: ["ant", "bee"] });
    await Deno.writeTextFile(join(root, "train/cat/notes.txt"), "x");
    assertEqual(await sha(), first);
    await Deno.writeFile(join(root, "train/cat/0.png"), await picture(1, 1));
    assertTrue(await sha() !== first, "another image gives another SHA-256");
    assertEqual(await sha({ classes: ["bee", "ant"] }), ants);
  });
});

Deno.test("openImageFolder() takes classes and class-balanced, nested subsets", async () => {
  await inFolder(async (folder) => {
    const root = await writeFiles(join(folder, "set"), await smallFiles());
    const open = (options: object) => openImageFolder(root, { cacheFolder: join(folder, "c"), ...options });
    const two = await open({ classes: ["cat", "ant"] });
    assertEqual([two.classes, [...two.train.labels]], [["ant", "cat"], [0, 0, 0, 0, 1, 1, 1, 1, 1]]);
    const labels = async (maxTrain: number) => [...(await open({ maxTrain, seed: 5 })).train.labels];
    assertEqual(await labels(7), [0, 0, 0, 1, 1, 2, 2]);
    assertEqual(await labels(11), [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2]);
    const hashes = async (seed: number, maxTrain: number) =>
      (await allPixels((await open({ maxTrain, maxTest: 3, seed })).train)).map(shortHash);
    const small = await hashes(5, 4), large = await hashes(5, 9);
    assertTrue(small.every((image) => large.includes(image)), "the larger subset holds the smaller one");
    const others = await Promise.all([0, 1, 2, 3].map((seed) => hashes(seed, 4)));
    assertTrue(new Set(others.map((images) => images.join())).size > 1, "the seed decides");
    for (
      const [maxTrain, wanted] of [[2, "Cannot take 2 training images"], [13, "want 3 (the classes) … 12 (the images)"]]
    ) {
      await assertRejects(() => open({ maxTrain }), String(wanted));
    }
    await assertRejects(
      () => open({ classes: ["ant", "dog"] }),
      /Cannot take class dog of .*set: 1 of the 2 asked for are not there, want some of ant, bee, cat \(3 there\)$/,
    );
  });
});

Deno.test("openImageFolder() reuses its cache, and rebuilds a damaged one with one notice", async () => {
  await inFolder(async (folder) => {
    const cacheFolder = join(folder, "cache"), notices: string[] = [];
    const path = join(folder, "set.tar");
    await Deno.writeFile(path, await tarOf(await smallFiles(), "./"));
    const open = () => openImageFolder(path, { cacheFolder, notice: (line) => notices.push(line) });
    const first = await allPixels((await open()).train);
    const [bin, json] = [...Deno.readDirSync(cacheFolder)].map((entry) => join(cacheFolder, entry.name)).sort();
    const written = (await Deno.stat(bin)).mtime?.getTime();
    assertEqual(await allPixels((await open()).train), first);
    assertEqual([notices.length, (await Deno.stat(bin)).mtime?.getTime()], [0, written]);
    const damages = [
      async () => await flipByte(bin),
      async () => await flipByte(json),
      async () => await Deno.truncate(bin, 100),
      async () => await Deno.remove(bin),
    ];
    for (const [index, damage] of damages.entries()) {
      await damage();
      assertEqual(await allPixels((await open()).train), first);
      assertEqual(notices.length, index + 1);
      assertTrue(notices[index].startsWith("Cannot use the cached images in "), notices[index]);
    }
    assertEqual(await allPixels((await open()).train), first);
    assertEqual(notices.length, damages.length);
  });
});

async function flipByte(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length >> 1] ^= 1;
  await Deno.writeFile(path, bytes);
}

Deno.test("openImageFolder() turns grey, CMYK, 16-bit, transparent and rotated images into plain RGB", async () => {
  await inFolder(async (folder) => {
    const base = sharp({ create: { width: 8, height: 4, channels: 3, background: { r: 200, g: 100, b: 50 } } });
    const files = await smallFiles();
    files["train/ant/a-grey.jpg"] = await base.clone().toColourspace("b-w").jpeg().toBuffer();
    files["train/ant/b-alpha.png"] = await base.clone().ensureAlpha(0.5).png().toBuffer();
    files["train/ant/c-deep.png"] = await base.clone().toColourspace("rgb16").png().toBuffer();
    files["train/ant/d-turned.jpg"] = await base.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer();
    files["train/ant/e-cmyk.jpg"] = await base.clone().toColourspace("cmyk").jpeg().toBuffer();
    const root = await writeFiles(join(folder, "set"), files);
    const { train } = await openImageFolder(root, { cacheFolder: join(folder, "c") });
    const pixel = async (index: number) => {
      const image = await train.load(index);
      assertEqual([image.width, image.height], [8, 4]);
      return [...(await image.crop({ left: 0, top: 0, width: 4, height: 4 }, 4)).subarray(0, 3)];
    };
    const [grey, alpha, deep, turned, cmyk] = await Promise.all([4, 5, 6, 7, 8].map(pixel));
    assertTrue(grey[0] === grey[1] && grey[1] === grey[2], `grey ${grey}`);
    assertEqual([alpha, deep, turned], [[200, 100, 50], [200, 100, 50], [200, 100, 50]]);
    // CMYK goes through a device profile and back, which moves blue most.
    [200, 100, 50].forEach((value, c) => assertAlmostEqual(cmyk[c], value, 32, `CMYK channel ${c}`));
  });
});

Deno.test("openImageFolder() names a truncated, empty or false image, or leaves it out and counts it", async () => {
  await inFolder(async (folder) => {
    const whole = await picture(9, 9, "jpeg"), png = await picture(9, 9);
    const spoilt = png.slice();
    spoilt.fill(0, 60, 90);
    const bad: [string, Uint8Array, string][] = [
      ["cut.jpg", whole.subarray(0, whole.length - 20), "truncated JPEG at byte"],
      ["cut.png", png.subarray(0, png.length - 30), "truncated PNG at byte"],
      ["half.jpg", whole.subarray(0, 80), "truncated JPEG at byte 80, want"],
      ["spoilt.png", spoilt, "damaged PNG of"],
      ["none.jpg", new Uint8Array(), "empty file"],
      ["text.jpg", new TextEncoder().encode("not an image at all"), "unknown format (it starts with 6e 6f 74 20)"],
    ];
    const all = await smallFiles();
    for (const [name, bytes, wanted] of bad) {
      const path = join(folder, `${name}.tgz`), cacheFolder = join(folder, "cache");
      await Deno.writeFile(path, gzipSync(await tarOf({ ...await smallFiles(), [`train/bee/${name}`]: bytes }, "./")));
      all[`train/bee/${name}`] = bytes;
      const message = await assertRejects(() => openImageFolder(path, { cacheFolder }), wanted);
      assertTrue(message.startsWith(`Cannot read image train/bee/${name}: `), message);
      assertTrue(!message.includes("\n"), "one line");
    }
    const root = await writeFiles(join(folder, "set"), all);
    for (const budgetBytes of [1e6, 30000]) {
      for (const _ of ["decoded", "from the cache"]) {
        const set = await openImageFolder(root, { cacheFolder: join(folder, "c"), skipBad: true, budgetBytes });
        assertEqual([set.skipped, set.train.length, (await allPixels(set.train)).length], [6, 12, 12]);
      }
    }
    const lazy = await openImageFolder(root, { cacheFolder: join(folder, "c"), budgetBytes: 3000 });
    await assertRejects(() => allPixels(lazy.train), "Cannot read image train/bee/");
  });
});

Deno.test("openImageFolder() says what a folder or archive lacks", async () => {
  await inFolder(async (folder) => {
    const files = await smallFiles(), some = await picture(1, 1);
    const open = (path: string, options = {}) => () =>
      openImageFolder(join(folder, path), { cacheFolder: join(folder, "c"), ...options });
    const without = (part: string) =>
      Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes(part)));
    await assertRejects(open("nothing"), /^Cannot open .*nothing: no such file or directory, want a folder or a \.tar/);
    await Deno.writeTextFile(join(folder, "set.rar"), "x");
    await assertRejects(open("set.rar"), "it is a file of another kind");
    await Deno.mkdir(join(folder, "empty"));
    await assertRejects(open("empty"), "found 0 files but no images, want train/<class>/<image>");
    await writeFiles(join(folder, "trainOnly"), without("test/"));
    await assertRejects(open("trainOnly"), "found train/ but neither test/ nor val/");
    assertEqual((await open("trainOnly", { allowTrainOnly: true })()).test.length, 0);
    await writeFiles(join(folder, "flat"), { "ant/1.png": some, "bee/2.png": some });
    await assertRejects(open("flat"), "found ant, bee (2 folders at the top) but no train/");
    assertEqual((await open("flat", { allowTrainOnly: true })()).classes, ["ant", "bee"]);
    await writeFiles(join(folder, "loose"), { "train/1.png": some, "test/2.png": some });
    await assertRejects(open("loose"), "train/ holds no class folders, want train/<class>/<image>");
    await writeFiles(join(folder, "extra"), { ...files, "test/dog/1.png": some });
    await assertRejects(open("extra"), "class dog is in the test split but not in train/");
    await writeFiles(join(folder, "fewer"), without("test/bee"));
    await assertRejects(open("fewer"), "class bee is in train/ but not in the test split");
    await writeFiles(join(folder, "hollow"), { ...without("train/bee"), "train/bee/notes.txt": some });
    await assertRejects(open("hollow"), "class bee has no images in the train split");
  });
});

Deno.test("openImageFolder() refuses a truncated or false archive in one line", async () => {
  await inFolder(async (folder) => {
    const tar = await tarOf(await smallFiles(), "./"), packed = gzipSync(tar);
    const archives: [string, Uint8Array, string][] = [
      ["cut.tar", tar.subarray(0, 700), "truncated archive"],
      ["cut.tar.gz", packed.subarray(0, packed.length >> 1), "truncated archive"],
      ["false.tgz", tar, "it is a tar archive by its content and a gzip file by its name, want both the same"],
      ["false.tar", new Uint8Array(4096).fill(65), "want a whole tar archive"],
    ];
    for (const [name, bytes, wanted] of archives) {
      await Deno.writeFile(join(folder, name), bytes);
      const message = await assertRejects(() => openImageFolder(join(folder, name), { cacheFolder: folder }), wanted);
      const verb = name === "false.tgz" ? "open" : "read";
      assertTrue(message.startsWith(`Cannot ${verb} ${join(folder, name)}: `) && !message.includes("\n"), message);
    }
    const large = join(folder, "large.tgz");
    await Deno.writeFile(large, packed);
    await assertRejects(
      () => openImageFolder(large, { cacheFolder: folder, budgetBytes: 1000 }),
      "must be held in memory",
    );
  });
});

Deno.test("openDataset() opens procedural data by name and anything else by path", async () => {
  const set = await openDataset({ path: "procedural", seed: 3, maxTrain: 12, maxTest: 24, size: 32 });
  assertEqual([set.train.length, set.test.length, (await set.train.load(0)).width], [12, 24, 32]);
  assertEqual(set.sha256, proceduralDataset({ seed: 3, train: 12, test: 24, size: 32 }).sha256);
  await assertRejects(() => openDataset({ path: "no/such/folder" }), "Cannot open no/such/folder: no such file");
});

const CIFAR = new URL("../../shared/data/cifar10-jpeg.tar.gz", import.meta.url).pathname;
const IMAGENET = new URL("../../shared/data/imagenet-sample.tar", import.meta.url).pathname;

/** Runs a test on a real archive, or says that it is not there. */
async function withArchive(path: string, run: (folder: string) => Promise<void>): Promise<void> {
  const there = await Deno.stat(path).then(() => true, () => false);
  if (!there) console.log(`skipped: ${path} is not there`);
  else await inFolder(run);
}

Deno.test("openImageFolder() opens a class-balanced part of CIFAR-10 without decoding the rest", () =>
  withArchive(CIFAR, async (cacheFolder) => {
    const open = () => openImageFolder(CIFAR, { maxTrain: 100, maxTest: 50, seed: 0, cacheFolder });
    const set = await open(), again = await open();
    assertEqual(set.sha256, "61cb66c66e166280ab554553603e5ceb81f5b6acdaa0e469b2a0786961b7ff1d");
    assertEqual([set.classes[0], set.classes[9]], ["airplane", "truck"]);
    assertEqual([...set.test.labels], Array.from({ length: 50 }, (_, i) => Math.floor(i / 5)));
    assertEqual((await pixelsOf(set.train, 0)).length, 3072);
    assertEqual(await allPixels(again.train), await allPixels(set.train));
  }));

Deno.test("openImageFolder() opens the thesis's IN-5 among full-size ImageNet images", () =>
  withArchive(IMAGENET, async (cacheFolder) => {
    await assertRejects(() => openImageFolder(IMAGENET, { cacheFolder }), "(100 folders at the top) but no train/");
    const classes = await classSubset("in5");
    const set = await openImageFolder(IMAGENET, { cacheFolder, classes, allowTrainOnly: true });
    assertEqual([set.classes, [...set.train.labels]], [classes, [0, 1, 2, 3, 4]]);
    const image = await set.train.load(0);
    assertTrue(image.width > 200 && image.height > 200, `${image.width} x ${image.height}`);
  }));
