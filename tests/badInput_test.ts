import { sha256 } from "../core/sha256.ts";
import { canonicalJson } from "../records/canonical.ts";
import { loadRecords, saveRecord } from "../records/store.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { assertRefused, filesBelow, run, runWell, settings, TINY, TINY_CI, writeImages } from "./commandTools.ts";
import { madeUpRecords } from "./madeUpRecords.ts";
import { inFolder } from "./reportTools.ts";

/** Runs of an image folder: all images, in batches that they fill. */
const IMAGES = [
  "--profile",
  "cifar10",
  "--rows",
  "localmim",
  ...TINY,
  ...settings({ "data.train": null, "data.test": null, "pretrain.batch": 4, "finetune.batch": 4 }),
];

/** Checks that the flags are refused in one line that holds the words, and that no result is left. */
async function refused(folder: string, flags: readonly string[], ...words: string[]): Promise<void> {
  const ended = await run("table17", folder, "--out", "out", ...flags);
  assertRefused(ended, ...words);
  assertEqual([ended.out, await filesBelow(`${folder}/out`)], ["", []]);
}

Deno.test("repro:table17 refuses wrong flags, profiles, rows and keys", () =>
  inFolder(async (folder) => {
    await refused(folder, ["--speed"], "Unknown option '--speed'; did you mean --seed?");
    await refused(folder, ["localmim"], "unexpected word 'localmim'; usage: deno task repro");
    await refused(
      folder,
      ["--profile", "huge"],
      "--profile huge: want one of ci, laptop, cifar10, cifar10-full, evidence, evidence-small, tinyimagenet, paper",
    );
    await refused(folder, ["--rows", "localmim,mae"], "row 'mae': want one of localmim, vitfreeze, vitfreeze_unscaled");
    await refused(folder, ["--rows", "localmim,localmim"], "--rows localmim,localmim: a row is named twice");
    await refused(folder, ["--set", "pretrain.epoch=1"], "unknown key pretrain.epoch: want one of pretrain.epochs,");
    await refused(folder, ["--set", "pretrain.epochs=ten"], 'pretrain.epochs "ten": want a whole number of at least 1');
    await refused(folder, ["--set", "pretrain.epochs"], "--set pretrain.epochs: want key=value");
    await refused(folder, ["--set", "freeze.t0=0"], "freeze.t0 0: want a number above 0 and at most 1");
    await refused(folder, ["--set", "freeze.t0=1.5"], "freeze.t0 1.5: want a number above 0 and at most 1");
    await refused(folder, ["--set", "freeze.t0=1"], "freeze.t0 1 with SR-LR: it has no effect");
    await refused(folder, ["--rows", "vitfreze"], "row 'vitfreze'", "; did you mean vitfreeze?");
    await refused(folder, ["--set", "pretrain.epoch=1"], "; did you mean pretrain.epochs?");
    await refused(folder, ["--profile", "cifar"], "--profile cifar: want one of ci, ", "; did you mean cifar10?");
    await refused(folder, ["--phase", "0123456789ab"], "phase 0123456789ab: want 12 digits or more of the key of one");
    await refused(folder, ["--probes", "linear,svm"], "--probes linear,svm: 'svm' is none of linear, knn");
    await refused(folder, ["--seed", "1", "--seeds", "2"], "--seed and --seeds together: want one of them");
    await refused(folder, ["--seeds", "0"], "--seeds 0: want a whole number from 1 to 1000");
    await refused(folder, ["--seeds", "1.5"], "--seeds 1.5: want a whole number");
    await refused(folder, ["--seeds", "x"], "--seeds x: want a whole number");
    await refused(folder, ["--threads", "0"], "--threads 0: want a whole number from 1 to 1024");
    await refused(folder, ["--engine", "fast"], "--engine fast: want compiled or eager");
    await refused(folder, ["--engine", "eager", "--backend", "tpu"], "eager backend 'tpu': want one of cpu");
    await refused(folder, [...TINY_CI, "--set", "pretrain.batch=33"], "batch of 33 images: the training set has 32");
  }));

Deno.test("repro:table17 refuses flags that would have no effect", () =>
  inFolder(async (folder) => {
    await refused(folder, ["--engine", "eager", "--threads", "2"], "--threads: it has no effect with the eager engine");
    await refused(folder, ["--set", "knn.k=5"], "--set knn.k=5: it has no effect in thesis.table17, want a key that");
    await refused(
      folder,
      ["--rows", "localmim", "--set", "freeze.t0=0.5"],
      "--set freeze.t0=0.5: it has no effect in localmim, want a key that changes a wanted phase",
    );
    await refused(
      folder,
      ["--profile", "cifar10", "--data", "photos", "--data", "ade=elsewhere"],
      "--data ade=…: it has no effect with this experiment, whose images are named images",
    );
    await refused(folder, ["--backend", "cpu"], "--backend: it has no effect with the compiled engine");
    await refused(folder, ["--data", "photos"], "--data: it has no effect with profile laptop");
    await refused(folder, ["--skip-bad"], "--skip-bad: it has no effect with profile laptop");
    await refused(folder, ["--profile", "ci", "--classes", "in5"], "--classes: it has no effect with profile ci");
  }));

Deno.test("repro refuses an experiment that it does not know, and probes that the images do not suffice for", () =>
  inFolder(async (folder) => {
    const unknown = await run("repro", folder, "thesis.tabel17");
    assertRefused(unknown, "Cannot run experiment 'thesis.tabel17': want one of thesis.table17, thesis.table11, ");
    assertTrue(unknown.err.endsWith("; did you mean thesis.table17?\n"), unknown.err);
    assertRefused(await run("repro", folder, "--json"), "Cannot tell which experiment: want its name, e.g. ");
    // Before anything is trained.
    const flags = [...TINY_CI, "--rows", "localmim"];
    await refused(folder, [...flags, "--probes", "linear"], "batch of 64 images: the training set has 32");
    await refused(
      folder,
      [...flags, "--probes", "knn", "--set", "knn.data.train=16"],
      "knn.k 20: want at most the 16 training images",
    );
    assertEqual(await filesBelow(`${folder}/runs`), []);
  }));

Deno.test("repro:table17 refuses data that are missing, empty, incomplete or cut short", () =>
  inFolder(async (folder) => {
    const { mkdir, remove, readFile, writeFile, writeTextFile } = Deno;
    await writeImages(`${folder}/photos`);
    const data = (path: string, ...flags: string[]) => [...IMAGES, "--data", path, ...flags];
    await refused(folder, IMAGES, "profile cifar10 without images: want --data with a folder, .tar, .tar.gz or .zip");
    await refused(folder, data("nowhere"), "nowhere: no such file or directory, want a folder or a .tar, .tar.gz");
    await mkdir(`${folder}/empty`);
    await refused(folder, data("empty"), "empty: found 0 files but no images, want train/<class>/<image>");
    await refused(
      folder,
      data("photos", "--classes", "cat,fox"),
      "class fox of photos: 1 of the 2 asked for are not there",
      "cat, dog, eel (3 there)",
    );
    await refused(folder, data("photos", "--classes", "cat,,dog"), "data.classes 'cat,,dog': want in5");
    await refused(folder, data("photos", "--classes", "cat,cat"), "data.classes cat,cat: a class is named twice");
    await refused(folder, data("photos", "--set", "data.train=13"), "13 training images of photos: want 3", "12");
    await refused(folder, data("photos", "--set", "pretrain.batch=13"), "batch of 13 images: the training set has 12");

    const tar = (file: string) => new Deno.Command("tar", { args: ["cf", file, "-C", "photos", "."], cwd: folder });
    assertEqual((await tar("photos.tar").output()).code, 0);
    const bytes = await readFile(`${folder}/photos.tar`);
    await writeFile(`${folder}/cut.tar`, bytes.subarray(0, bytes.length / 2));
    await refused(
      folder,
      data("cut.tar"),
      "cut.tar: it ends in the middle of a file (truncated archive), want a whole",
    );
    await writeTextFile(`${folder}/plain.tgz`, "no archive");
    await refused(folder, data("plain.tgz"), "plain.tgz: it is not gzip data, want a whole gzip-compressed tar");
    await writeTextFile(`${folder}/photos.rar`, "no archive");
    await refused(folder, data("photos.rar"), "photos.rar: it is a file of another kind, want a folder or a .tar");

    for (let i = 0; i < 4; i++) await remove(`${folder}/photos/train/dog/${i}.jpg`);
    await refused(folder, data("photos"), "photos: class dog has no images in the train split");
  }));

Deno.test("repro:table17 names a broken image; with --skip-bad it goes on, shows the count and records it", () =>
  inFolder(async (folder) => {
    const photos = `${folder}/photos`, broken = `${photos}/train/cat/1.jpg`;
    await writeImages(photos);
    const whole = await Deno.readFile(broken);
    await Deno.writeFile(broken, whole.subarray(0, 300));
    const flags = [...IMAGES, "--data", "photos"];
    await refused(folder, flags, "image train/cat/1.jpg: truncated JPEG at byte 300, want a whole JPEG, PNG");
    await Deno.writeTextFile(`${photos}/val/eel/2.jpg`, "no image");
    await Deno.writeFile(broken, whole);
    await refused(folder, flags, "image val/eel/2.jpg: unknown format (it starts with 6e 6f 20 69)");
    await Deno.writeFile(broken, whole.subarray(0, 300));

    const { out } = await runWell("table17", folder, ...flags, "--skip-bad", "--out", "out");
    const facts = "data photos: 11 training and 11 test images, 3 classes; unreadable images left out: 2\n";
    assertTrue(out.includes(facts), out);
    const records = (await loadRecords(`${folder}/out`)).map(({ record }) => record);
    const finetuned = records.find(({ phase }) => phase.kind === "finetune")!;
    assertEqual(records.length, 2);
    assertEqual(finetuned.dataset, { name: "photos", classes: 3, train: 11, test: 11, skipped: 2 });
  }));

Deno.test("repro:table17 ends a run whose loss is not finite at that step, and keeps nothing of it", () =>
  inFolder(async (folder) => {
    const flags = [...TINY_CI, "--rows", "localmim", "--out", "out", "--set", "pretrain.baseLr=1e12"];
    const { code, err } = await run("table17", folder, ...flags);
    const last = err.trimEnd().split("\n").at(-1)!;
    assertTrue(
      /^error: Cannot go on after pre-training step [2-8] \(epoch 1, learning rate [^)]+\): the loss is (NaN|Infinity), want/
        .test(last),
      err,
    );
    assertEqual([code, await filesBelow(`${folder}/out`)], [1, []]);
  }));

Deno.test("repro:table17 refuses an --out that cannot be written, before anything is run", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await refused(folder, ["--out", "file"], "results to file: file exists; want a writable folder in --out");
    await refused(folder, ["--out", "file/inner"], "results to file/inner: not a directory; want a writable folder");
    await refused(folder, ["--out", ""], "--out '': want a folder");
    if (Deno.build.os === "linux") {
      await refused(
        folder,
        ["--out", "/proc/results"],
        "results to /proc/results: ",
        "want a writable folder in --out",
      );
    }
  }));

Deno.test("repro:table17 leaves no half file on a full disk", () =>
  inFolder(async (folder) => {
    const disk = `${folder}/disk`, kib = 1024;
    await Deno.mkdir(disk);
    const mount = new Deno.Command("mount", { args: ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], stderr: "null" });
    const mounted = await mount.output().then(({ success }) => success, () => false);
    if (!mounted) return console.log("skipped: a small file system cannot be mounted here");
    try {
      // Room for a word, but not for a result.
      await Deno.writeFile(`${disk}/filler`, new Uint8Array(60 * kib));
      const flags = [...TINY_CI, "--set", "pretrain.epochs=8", "--rows", "localmim", "--out", "disk"];
      const late = await run("table17", folder, ...flags);
      const last = late.err.trimEnd().split("\n").at(-1)!;
      assertTrue(/^error: Cannot write disk\/[0-9a-f]{64}\.json: no space left on device$/.test(last), late.err);
      assertEqual([late.code, await filesBelow(disk)], [1, ["filler"]]);
      // Room for nothing: found out before the run.
      await Deno.writeFile(`${disk}/filler`, new Uint8Array(4 * kib), { append: true });
      await refused(folder, ["--out", "disk"], "results to disk: no space left on device; want a writable folder");
      assertEqual(await filesBelow(disk), ["filler"]);
    } finally {
      await new Deno.Command("umount", { args: [disk] }).output();
    }
  }));

Deno.test("verify refuses a record whose hash does not match, and report keeps nothing of it", () =>
  inFolder(async (folder) => {
    const [pretrain, finetune] = madeUpRecords({ rows: ["localmim"] });
    const kept = await saveRecord(`${folder}/results`, pretrain.record);
    const { id, path } = await saveRecord(`${folder}/results`, finetune.record);
    await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replace('"top1":50', '"top1":99'));
    const { code, out, err } = await run("verify", folder);
    const lines = out.trimEnd().split("\n").sort();
    assertEqual([code, err, lines.length], [1, "", 3]);
    assertEqual(lines[0], "1 verified, 1 failed");
    assertTrue(lines[1].startsWith(`FAILED  Cannot use results/${id}.json: the SHA-256 of its content is `), out);
    assertTrue(lines[1].endsWith(`, want ${id}`), out);
    assertEqual(
      lines[2],
      `ok      results/${kept.id}.json: pretrain thesis.table17 ci seed 0 key ${pretrain.record.key.slice(0, 12)}`,
    );
    const report = await run("report", folder, "--out", "site"),
      where = `Cannot use results/${id}.json: the SHA-256 of its`;
    assertEqual([report.code, report.out.includes(`warning: Not used: ${where}`)], [1, true]);
    assertRefused(await run("report", folder, "--rendered"), where, `, want ${id}`);
    assertEqual(await filesBelow(`${folder}/reports`), []);
    assertRefused(await run("verify", folder, "nowhere"), "results folder nowhere: no such file or directory");
  }));

Deno.test("verify and report --rendered refuse the result of a whole run, as older versions wrote it; repro leaves it as it is", () =>
  inFolder(async (folder) => {
    const text = canonicalJson({ kind: "vitfreeze.run", schemaVersion: 1, experiment: "table17" });
    const path = `results/${sha256(text)}.json`;
    await Deno.mkdir(`${folder}/results`);
    await Deno.writeTextFile(`${folder}/${path}`, text);
    const words = `Cannot use ${path}: it holds a whole run (schema 1), want one record a phase (schema 2); ` +
      "run its command again";
    const verified = await run("verify", folder);
    assertEqual([verified.code, verified.out], [1, `FAILED  ${words}\n0 verified, 1 failed\n`]);
    assertRefused(await run("report", folder, "--rendered"), words);
    await runWell("table17", folder, ...TINY_CI, "--rows", "localmim", "--out", "results");
    assertEqual(await Deno.readTextFile(`${folder}/${path}`), text);
    assertEqual((await filesBelow(`${folder}/results`)).length, 3);
  }));

Deno.test("golden refuses files that are missing, cut short or of another format", () =>
  inFolder(async (folder) => {
    const header = JSON.stringify({ x: { dtype: "F32", shape: [2], data_offsets: [0, 8] } });
    const bytes = new Uint8Array(8 + header.length + 8);
    bytes[0] = header.length;
    bytes.set(new TextEncoder().encode(header), 8);
    await Deno.writeFile(`${folder}/whole.safetensors`, bytes);
    await Deno.writeFile(`${folder}/cut.safetensors`, bytes.subarray(0, bytes.length - 1));
    await Deno.writeFile(`${folder}/head.safetensors`, bytes.subarray(0, 30));
    await Deno.writeTextFile(`${folder}/text.safetensors`, "these are words and no tensors");
    const refused = async (file: string[], ...words: string[]) => {
      const ended = await run("golden", folder, ...file);
      assertRefused(ended, ...words);
      assertEqual(ended.out, "");
    };
    await refused([], "Cannot check fixtures: no file given; usage: deno task golden FILE…");
    await refused(["nowhere.safetensors"], "Cannot read nowhere.safetensors: no such file or directory");
    await refused(["whole.safetensors"], "Cannot check whole.safetensors: its kind is not given, want one of ");
    await refused(["cut.safetensors"], "Cannot read cut.safetensors: ");
    await refused(["head.safetensors"], `Cannot read head.safetensors: header ends at byte ${8 + header.length}, file`);
    await refused(["text.safetensors"], "Cannot read text.safetensors: ");
  }));

Deno.test("schedule refuses t0 = 0", () =>
  inFolder(async (folder) => {
    assertRefused(await run("schedule", folder, "--t0", "0"), "--t0 0: want a number above 0 and at most 1");
  }));
