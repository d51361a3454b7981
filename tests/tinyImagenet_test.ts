import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { inspectDataset } from "../datasets/check/inspect.ts";
import { inspectionText } from "../datasets/check/text.ts";
import { classSubset, type ImageSplit, openDataset } from "../datasets/mod.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { type Files, tarOf } from "./cifarFixtures.ts";
import { inFolder } from "./reportTools.ts";
import { square, tinyFiles, valLabel, WNIDS, zipOf } from "./tinyImagenetFixtures.ts";

async function writeFolder(root: string, files: Files): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeFile(join(root, path), bytes);
  }
  return root;
}

/** The first pixel of every image, [length][3]. */
async function colours({ length, load }: ImageSplit): Promise<number[][]> {
  const images = await Promise.all(Array.from({ length }, (_, i) => load(i)));
  const crops = await Promise.all(images.map((image) => image.crop({ left: 0, top: 0, width: 8, height: 8 }, 8)));
  return crops.map((pixels) => [...pixels.subarray(0, 3)]);
}

/** What an image of that number shows. */
async function colourOf(number: number): Promise<number[]> {
  return [...new Uint8Array(await sharp(await square(number)).raw().toBuffer()).subarray(0, 3)];
}

const ANNOTATIONS = "tiny-imagenet-200/val/val_annotations.txt";

Deno.test("openDataset() reads Tiny-ImageNet as published from its folder, .zip and .tar.gz, and says what is not used", () =>
  inFolder(async (folder) => {
    const files = await tinyFiles(), cacheFolder = join(folder, "cache");
    await writeFolder(join(folder, "above"), files);
    await Deno.writeFile(join(folder, "tiny.zip"), zipOf(files));
    await Deno.writeFile(join(folder, "flat.zip"), zipOf(await tinyFiles("")));
    await Deno.writeFile(join(folder, "tiny.tar.gz"), gzipSync(await tarOf(files)));
    // Images of val/ by class, in the order of their numbers within it.
    const order = WNIDS.flatMap((wnid) => [0, 1, 2, 3, 4, 5].filter((i) => valLabel(i) === wnid));
    const test = await Promise.all(order.map((i) => colourOf(100 + i)));
    const train = await Promise.all([0, 1, 2].flatMap((label) => [0, 1, 2, 3].map((i) => colourOf(label * 10 + i))));
    for (const name of ["above", "above/tiny-imagenet-200", "tiny.zip", "flat.zip", "tiny.tar.gz"]) {
      for (const budgetBytes of [1e6, 9000]) { // decoded in memory, or as they are needed
        for (const _ of ["first", "from the cache"]) {
          const notices: string[] = [], path = join(folder, name);
          const set = await openDataset({ path, cacheFolder, budgetBytes, notice: (line) => notices.push(line) });
          assertEqual(set.classes, WNIDS, name);
          assertEqual([...set.train.labels], [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
          assertEqual([...set.test.labels], [0, 0, 1, 1, 2, 2]);
          assertEqual([await colours(set.train), await colours(set.test)], [train, test], name);
          assertEqual(notices.length, 1);
          assertEqual(
            /: the 5 images in (.*\/)?test\/ have no labels and are not used/.test(notices[0]),
            true,
            notices[0],
          );
        }
      }
    }
  }));

Deno.test("openDataset() gives a folder of Tiny-ImageNet another SHA-256 when a label changes", () =>
  inFolder(async (folder) => {
    const files = await tinyFiles(), cacheFolder = join(folder, "cache"), path = join(folder, "set");
    const open = () => openDataset({ path, cacheFolder, notice: () => {} });
    await writeFolder(path, files);
    const { sha256 } = await open();
    assertEqual((await inspectDataset(path, () => {})).sha256, sha256);
    const text = new TextDecoder().decode(files[ANNOTATIONS]);
    const swapped = text.replace(/^val_0\.JPEG\tn\d+/m, `val_0.JPEG\t${valLabel(1)}`);
    await Deno.writeTextFile(join(path, ANNOTATIONS), swapped);
    const set = await open();
    assertEqual([set.sha256 === sha256, [...set.test.labels]], [false, [0, 0, 0, 1, 2, 2]]);
  }));

Deno.test("openDataset() counts and names what annotations and images of val/ lack", () =>
  inFolder(async (folder) => {
    const files = await tinyFiles(), text = new TextDecoder().decode(files[ANNOTATIONS]);
    const opening = (changes: Record<string, Uint8Array | undefined>) => async () => {
      const all = Object.entries({ ...files, ...changes }).filter(([, bytes]) => bytes !== undefined);
      await Deno.writeFile(join(folder, "x.zip"), zipOf(Object.fromEntries(all) as Files));
      return await openDataset({ path: join(folder, "x.zip"), cacheFolder: join(folder, "c"), notice: () => {} });
    };
    const withText = (text: string) => opening({ [ANNOTATIONS]: new TextEncoder().encode(text) });
    const image = (i: number) => `tiny-imagenet-200/val/images/val_${i}.JPEG`;
    await assertRejects(
      opening({ [image(2)]: undefined, [image(4)]: undefined }),
      "val_annotations.txt names val_2.JPEG, val_4.JPEG (2 in all), not in tiny-imagenet-200/val/images/, want them there",
    );
    await assertRejects(
      opening({ [image(6)]: await square(1), "tiny-imagenet-200/val/loose.JPEG": await square(2) }),
      "val_annotations.txt has no line for val_6.JPEG, loose.JPEG (2 in all) in tiny-imagenet-200/val/, want one for each",
    );
    await assertRejects(
      withText(text.replace(/val_3\.JPEG.*/, "val_3.JPEG n01")),
      "line 4 of tiny-imagenet-200/val/val_a",
    );
    await assertRejects(withText(`${text}val_5.JPEG\tn1\n`), "val_5.JPEG is there twice, want each image once");
    await assertRejects(withText(text.replaceAll(WNIDS[1], "n09999999")), "class n09999999 is in the test split but");
    await assertRejects(withText(""), "has no line for val_0.JPEG, val_1.JPEG, val_2.JPEG, val_3.JPEG, … (6 in all)");
    const windows = await withText(text.replaceAll("\n", "\r\n"))();
    assertEqual([...windows.test.labels], [0, 0, 1, 1, 2, 2]);
  }));

Deno.test("openDataset() takes class folders in val/ before the file of annotations", () =>
  inFolder(async (folder) => {
    const moved: Files = {};
    for (const [path, bytes] of Object.entries(await tinyFiles())) {
      const number = /val_(\d)\.JPEG$/.exec(path)?.[1];
      moved[number ? path.replace("val/images", `val/${valLabel(Number(number))}/images`) : path] = bytes;
    }
    const path = await writeFolder(join(folder, "set"), moved), notices: string[] = [];
    const set = await openDataset({ path, cacheFolder: join(folder, "c"), notice: (line) => notices.push(line) });
    assertEqual([[...set.test.labels], notices.length], [[0, 0, 1, 1, 2, 2], 1]);
  }));

Deno.test("inspectDataset() knows Tiny-ImageNet and counts images without labels apart", () =>
  inFolder(async (folder) => {
    const files = await tinyFiles();
    files["tiny-imagenet-200/val/images/val_1.JPEG"] = (await square(101)).subarray(0, 100);
    files["tiny-imagenet-200/val/images/val_2.JPEG"] = await square(0);
    await Deno.writeFile(join(folder, "tiny.zip"), zipOf(files));
    await writeFolder(folder, files);
    for (const [path, kind] of [["tiny.zip", "archive"], ["tiny-imagenet-200", "folder"]]) {
      const found = await inspectDataset(join(folder, path), () => {});
      assertEqual([found.kind, found.train, found.test], [`${kind} of images as in Tiny-ImageNet`, 12, 6]);
      assertEqual([found.leftOut.flatMap(({ files }) => files).length, found.unlabelled?.images, found.unusable], [
        11,
        5,
        null,
      ]);
      assertEqual(found.broken.map(({ file }) => file.replace("tiny-imagenet-200/", "")), ["val/images/val_1.JPEG"]);
      assertEqual(found.duplicates.length, 1);
      assertEqual(inspectionText(found, 1).split("\n").filter((line) => line.startsWith("no labels")).length, 1);
    }
  }));

const TINY = new URL("../../shared/data/tiny-imagenet-100.tar.gz", import.meta.url).pathname;

Deno.test("openDataset() opens 5 of 100 classes of the real Tiny-ImageNet", async () => {
  if (!await Deno.stat(TINY).then(() => true, () => false)) return console.log(`skipped: ${TINY} is not there`);
  await inFolder(async (cacheFolder) => {
    const classes = await classSubset("tiny5");
    const set = await openDataset({ path: TINY, cacheFolder, classes, maxTrain: 100 });
    assertEqual([set.classes, set.train.length, set.test.length], [classes, 100, 250]);
    assertEqual([0, 1, 2, 3, 4].map((label) => set.train.labels.filter((l) => l === label).length), Array(5).fill(20));
    const { width, height } = await set.test.load(249);
    assertEqual([width, height], [64, 64]);
    await assertRejects(
      () => openDataset({ path: TINY, cacheFolder, classes, maxTrain: 2501 }),
      "Cannot take 2501 training images",
    );
    await assertRejects(() => openDataset({ path: TINY, cacheFolder, classes: 101 }), "found 100 classes");
  });
});
