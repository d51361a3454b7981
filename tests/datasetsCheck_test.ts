import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { parseTask } from "../cli/task.ts";
import config from "../deno.json" with { type: "json" };
import { cifarVersions } from "../datasets/cifar/versions.ts";
import { inspectDataset } from "../datasets/check/inspect.ts";
import { inspectionText } from "../datasets/check/text.ts";
import { openDataset } from "../datasets/mod.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { type Files, tarOf } from "./cifarFixtures.ts";
import { inFolder } from "./reportTools.ts";
import { writeImages } from "./commandTools.ts";

const SCRIPT = new URL("../commands/datasets/check.ts", import.meta.url).pathname;

/** Runs the command with the rights of its task, the network shut off. */
async function check(folder: string, ...args: string[]) {
  const rights = [...parseTask(config.tasks["datasets:check"].command).permissions, "--deny-net", "--no-prompt"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, SCRIPT, ...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

/** Three classes of 4 images in train/ and val/ with one cut image, one empty file and two images in both splits. */
async function writeSet(root: string): Promise<void> {
  await writeImages(root);
  const whole = await Deno.readFile(join(root, "train/dog/1.jpg"));
  await Deno.writeFile(join(root, "train/cat/cut.jpg"), whole.subarray(0, whole.length - 50));
  await Deno.writeFile(join(root, "val/eel/empty.png"), new Uint8Array());
  await Deno.copyFile(join(root, "train/dog/1.jpg"), join(root, "val/eel/again.jpg"));
  await Deno.copyFile(join(root, "train/dog/1.jpg"), join(root, "val/eel/more.jpg"));
  await Deno.copyFile(join(root, "val/cat/0.jpg"), join(root, "train/eel/seen.jpg"));
  await Deno.writeTextFile(join(root, "train/notes.txt"), "x");
}

async function readFiles(root: string, folder = ""): Promise<Files> {
  const files: Files = {};
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) Object.assign(files, await readFiles(root, path));
    else files[path] = await Deno.readFile(join(root, path));
  }
  return files;
}

const silent = () => {};

Deno.test("inspectDataset() counts images, names broken ones and finds what is in both splits, in folders and archives", () =>
  inFolder(async (folder) => {
    await writeSet(join(folder, "set"));
    const tar = await tarOf(await readFiles(join(folder, "set")));
    await Deno.writeFile(join(folder, "set.tar"), tar);
    await Deno.writeFile(join(folder, "set.tgz"), gzipSync(tar));
    for (const name of ["set", "set.tar", "set.tgz"]) {
      const seen: number[] = [];
      const found = await inspectDataset(join(folder, name), (done) => seen.push(done));
      assertEqual([found.train, found.test, found.leftOut.length, seen.length], [14, 15, 1, 29], name);
      assertEqual(found.classes, [
        { name: "cat", train: 5, test: 4 },
        { name: "dog", train: 4, test: 4 },
        { name: "eel", train: 5, test: 7 },
      ]);
      assertEqual([found.width, found.height], [{ min: 40, median: 40, max: 40 }, { min: 36, median: 36, max: 36 }]);
      assertEqual(found.broken.map(({ file }) => file), ["train/cat/cut.jpg", "val/eel/empty.png"]);
      assertTrue(/^truncated JPEG at byte \d+$/.test(found.broken[0].reason), found.broken[0].reason);
      assertEqual(found.broken[1].reason, "empty file");
      assertEqual(found.duplicates.map(({ train, test }) => [train, test]), [
        [["train/dog/1.jpg"], ["val/eel/again.jpg", "val/eel/more.jpg"]],
        [["train/eel/seen.jpg"], ["val/cat/0.jpg"]],
      ]);
      const opened = { path: join(folder, name), cacheFolder: join(folder, "cache"), skipBad: true };
      assertEqual(found.sha256, (await openDataset(opened)).sha256, "the hash that results record");
    }
  }));

Deno.test("inspectDataset() checks CIFAR as published, and tells of a file that is not", () =>
  inFolder(async (folder) => {
    const [version] = cifarVersions(), root = join(folder, version.folder);
    await Deno.mkdir(root);
    await Deno.writeTextFile(join(root, version.meta), "abcdefghij".split("").join("\n"));
    for (const { name, images } of [...version.train, ...version.test]) {
      using file = await Deno.open(join(root, name), { write: true, create: true });
      await file.truncate(images * 3073); // all black, and no disk is taken
      await file.write(Uint8Array.of(9, 1));
      if (name !== "data_batch_2.bin") await file.write(Uint8Array.of(name.charCodeAt(11)));
    }
    await Deno.writeTextFile(join(root, "readme.html"), "<html>");
    await Deno.writeTextFile(join(root, ".DS_Store"), "x");
    await Deno.writeTextFile(join(root, "data_batch_6.bin"), "x");
    await Deno.writeTextFile(join(folder, "cifar.tar.gz"), "x");
    const found = await inspectDataset(folder, silent);
    assertEqual(found.leftOut, [
      { reason: "hidden", files: ["cifar-10-batches-bin/.DS_Store"] },
      { reason: "no file of CIFAR", files: ["cifar-10-batches-bin/data_batch_6.bin", "cifar.tar.gz"] },
      { reason: "published, but not read", files: ["cifar-10-batches-bin/readme.html"] },
    ]);
    assertTrue(inspectionText(found, 1).includes("\nnot used    4 of 11 files\n"), inspectionText(found, 1));
    assertEqual((await inspectDataset(root, silent)).leftOut.flatMap(({ files }) => files), [
      ".DS_Store",
      "data_batch_6.bin",
      "readme.html",
    ]);
    assertEqual([found.kind, found.train, found.test], ["CIFAR-10 (binary version)", 50000, 10000]);
    assertEqual([found.classes[0], found.classes[9]], [{ name: "a", train: 49995, test: 9999 }, {
      name: "j",
      train: 5,
      test: 1,
    }]);
    assertEqual(found.duplicates.map(({ train, test }) => [train.length, test.length]), [[49995, 9999]]);
    assertEqual(found.duplicates[0].train[0], "data_batch_1.bin image 1");
    await Deno.remove(join(root, "data_batch_4.bin"));
    await assertRejects(() => inspectDataset(folder, silent), "CIFAR-10 (binary version) without data_batch_4.bin");
  }));

Deno.test("inspectDataset() takes class folders without a test split, and no images for an error", () =>
  inFolder(async (folder) => {
    await writeImages(join(folder, "set"));
    const found = await inspectDataset(join(folder, "set/train"), silent);
    assertEqual([found.train, found.test, found.duplicates], [12, 0, []]);
    assertTrue(
      found.unusable!.endsWith("want train/<class>/<image> and test/ or val/ of the same form"),
      found.unusable!,
    );
    assertEqual((await inspectDataset(join(folder, "set"), silent)).unusable, null);
    await Deno.remove(join(folder, "set/val/eel"), { recursive: true });
    const lacking = await inspectDataset(join(folder, "set"), silent);
    assertTrue(lacking.unusable!.endsWith("class eel is in train/ but not in the test split"), lacking.unusable!);
    await Deno.mkdir(join(folder, "empty"));
    await assertRejects(() => inspectDataset(join(folder, "empty"), silent), "found 0 files but no images");
    await assertRejects(() => inspectDataset(join(folder, "none"), silent), "no such file or directory");
  }));

Deno.test("inspectionText() names the first ten duplicates and counts the rest", () => {
  const duplicates = Array.from({ length: 12 }, (_, i) => ({ sha256: "", train: [`a${i}`], test: [`b${i}`] }));
  const text = inspectionText({
    path: "x",
    kind: "folder of images",
    sha256: null,
    train: 12,
    test: 12,
    files: 24,
    classes: [{ name: "cat", train: 12, test: 12 }],
    width: { min: 3, median: 4.5, max: 9 },
    height: null,
    broken: [{ file: "train/cat/1.jpg", reason: "permission denied" }],
    duplicates,
    leftOut: [],
    unlabelled: { folder: "test/", images: 7 },
    unusable: "Cannot open x: no test/",
  }, 1.25);
  assertEqual(text.split("\n").slice(0, 12), [
    "x: folder of images, 24 images in 1 class",
    "SHA-256     none, a file cannot be read",
    "         train  test",
    "  cat       12    12",
    "  total     12    12",
    "width       3 … 9 pixels, median 4.5",
    "height      none",
    "not used    0",
    "no labels   7 in test/, not used",
    "broken      1",
    "  train/cat/1.jpg: permission denied",
    "in both     12 (the same content in train and test)",
  ]);
  assertEqual(text.split("\n").slice(-4), [
    "  a9 = b9",
    "  … and 2 more; --json names all",
    "training    Cannot open x: no test/",
    "took        1.3 s",
  ]);
});

Deno.test("datasets:check ends with code 1 when an image is broken, and prints text or JSON", () =>
  inFolder(async (folder) => {
    await writeSet(join(folder, "set"));
    const broken = await check(folder, "set"), json = await check(folder, "set", "--json");
    assertEqual([broken.code, json.code], [1, 1]);
    assertTrue(broken.out.includes("broken      2\n  train/cat/cut.jpg: truncated JPEG"), broken.out);
    const printed = JSON.parse(json.out);
    assertEqual([printed.broken.length, printed.duplicates.length, typeof printed.seconds], [2, 2, "number"]);
    for (const file of printed.broken) await Deno.remove(join(folder, "set", file.file));
    assertEqual((await check(folder, "set")).code, 0);
    const refused = [
      await check(folder),
      await check(folder, "set", "more"),
      await check(dirname(folder), "no-such-set"),
    ];
    assertEqual(refused.map(({ code, err }) => [code, /^error: Cannot [^\n]+\n$/.test(err)]), Array(3).fill([1, true]));
  }));
