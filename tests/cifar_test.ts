import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { UserError } from "../core/errors.ts";
import { PickleDict, sequence } from "../core/pickle/values.ts";
import { randomStream } from "../core/random/stream.ts";
import { findCifar } from "../datasets/cifar/findCifar.ts";
import { openCifar } from "../datasets/cifar/openCifar.ts";
import { PickledArray, readCifarPickle, textOf } from "../datasets/cifar/pickle.ts";
import { readCifar } from "../datasets/cifar/readCifar.ts";
import { type CifarVersion, cifarVersions, filesOf } from "../datasets/cifar/versions.ts";
import { openSource } from "../datasets/imageFolder/openSource.ts";
import type { SelectionOptions } from "../datasets/imageFolder/selection.ts";
import { type ImageSplit, openDataset } from "../datasets/mod.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { cifarFiles, joined, labelOf, namesOf, pickle, pixel, tarOf, writeFiles } from "./cifarFixtures.ts";
import { inFolder } from "./reportTools.ts";

/** A hundredth of the published number of images: every class is still there. */
const SMALL = cifarVersions(0.01);
const [TEN, TEN_PYTHON, HUNDRED, HUNDRED_PYTHON] = SMALL;

async function open(path: string, options?: SelectionOptions) {
  const found = await findCifar(path, await openSource(path), SMALL);
  return await openCifar(path, found!, { ...options, notice: () => {} });
}

/** An image as it comes out, [32, 32, 3]. */
async function pixelsOf(split: ImageSplit, index: number): Promise<Uint8Array> {
  const image = await split.load(index);
  assertEqual([image.width, image.height], [32, 32]);
  return await image.crop({ left: 0, top: 0, width: 32, height: 32 }, 32);
}

/** What image `index` of a file has to be: pixel by pixel, red, green, blue. */
function wantedPixels(file: string, index: number): Uint8Array {
  return Uint8Array.from({ length: 3072 }, (_, i) => pixel(file, index, i % 3 * 1024 + Math.floor(i / 3)));
}

/** The images of a split as they have to come: by class, then in the published order. */
function wantedOrder(version: CifarVersion, files: CifarVersion["train"]): { file: string; index: number }[] {
  const all = files.flatMap(({ name, images }) =>
    Array.from({ length: images }, (_, index) => ({ file: name, index, label: labelOf(version, index) }))
  );
  return all.sort((a, b) => a.label - b.label);
}

async function checkSplit(version: CifarVersion, files: CifarVersion["train"], split: ImageSplit): Promise<void> {
  const order = wantedOrder(version, files);
  assertEqual([...split.labels], order.map(({ index }) => labelOf(version, index)));
  for (let i = 0; i < order.length; i += 17) {
    assertEqual(await pixelsOf(split, i), wantedPixels(order[i].file, order[i].index), `image ${i} of ${version.name}`);
  }
}

for (const version of SMALL) {
  Deno.test(`openCifar() reads ${version.name} from a folder, the folder above, .tar and .tar.gz`, () =>
    inFolder(async (folder) => {
      const files = cifarFiles(version), tar = await tarOf(files);
      await writeFiles(join(folder, "above"), { ...files, "notes.txt": Uint8Array.of(1) });
      await Deno.writeFile(join(folder, "a.tar"), tar);
      await Deno.writeFile(join(folder, "b.tar.gz"), gzipSync(tar));
      for (const path of ["above", `above/${version.folder}`, "a.tar", "b.tar.gz"].map((name) => join(folder, name))) {
        const set = await open(path);
        assertEqual(set.classes, namesOf(version));
        await checkSplit(version, version.train, set.train);
        await checkSplit(version, version.test, set.test);
      }
      assertEqual((await open(join(folder, "a.tar"))).sha256, createHash("sha256").update(tar).digest("hex"));
    }));
}

Deno.test("readCifar() accounts for every file of an archive of either version, and a run says what is not the publisher's", () =>
  inFolder(async (folder) => {
    for (const version of SMALL) {
      const path = join(folder, `${version.meta}.tar`),
        files = cifarFiles(version),
        extra = `${version.folder}/more.bin`;
      const beside = version.beside.map((name) => `${version.folder}/${name}`);
      const others = Object.fromEntries([...beside, extra, "._x"].map((name) => [name, Uint8Array.of(1)]));
      await Deno.writeFile(path, await tarOf({ ...files, ...others }));
      const source = await openSource(path), found = (await findCifar(path, source, SMALL))!;
      const { leftOut } = await readCifar(path, found), { files: all } = await source.list();
      assertEqual(leftOut.map(({ path, reason }) => `${path}: ${reason}`), [
        "._x: hidden",
        ...[...beside.map((name) => `${name}: published, but not read`), `${extra}: no file of CIFAR`].sort(),
      ]);
      assertEqual(filesOf(version).length + leftOut.length, all.length);
      const said: string[] = [];
      await openCifar(path, found, { notice: (line) => void said.push(line) });
      assertEqual(said, [`${path}: not used: 1 hidden (._x), 1 no file of CIFAR (${extra})`]);
    }
  }));

Deno.test("openCifar() takes classes and class-balanced subsets", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, cifarFiles(TEN));
    const set = await open(folder, { classes: ["class_07", "class_02"], maxTrain: 5, maxTest: 4, seed: 1 });
    assertEqual([set.classes, [...set.train.labels]], [["class_02", "class_07"], [0, 0, 0, 1, 1]]);
    assertEqual((await open(folder, { classes: 3 })).classes, ["class_00", "class_01", "class_02"]);
    await assertRejects(() => open(folder, { classes: 11 }), "found 10 classes, want a number from 1 to 10");
    const first = await pixelsOf(set.train, 0);
    const seconds = wantedOrder(TEN, TEN.train).filter(({ index }) => labelOf(TEN, index) === 2);
    assertTrue(
      seconds.some(({ file, index }) => String(wantedPixels(file, index)) === String(first)),
      "an image of the class",
    );
    await assertRejects(() => open(folder, { maxTrain: 501 }), "want 10 (the classes) … 500 (the images)");
  }));

Deno.test("openCifar() changes its SHA-256 when a byte of a file changes, and only then", () =>
  inFolder(async (folder) => {
    await writeFiles(folder, cifarFiles(TEN, ""));
    const first = (await open(folder)).sha256;
    await Deno.writeTextFile(join(folder, "readme.html"), "x");
    assertEqual((await open(folder)).sha256, first);
    const bytes = await Deno.readFile(join(folder, "test_batch.bin"));
    bytes[500] ^= 1;
    await Deno.writeFile(join(folder, "test_batch.bin"), bytes);
    assertTrue((await open(folder)).sha256 !== first, "another byte gives another SHA-256");
  }));

Deno.test("openDataset() knows the published CIFAR-10 by its files, and reads all 60,000 images", () =>
  inFolder(async (folder) => {
    const [version] = cifarVersions(), root = join(folder, version.folder);
    await writeFiles(root, { "batches.meta.txt": new TextEncoder().encode(`${namesOf(version).join("\n")}\n`) });
    for (const { name, images } of [...version.train, ...version.test]) {
      using file = await Deno.open(join(root, name), { write: true, create: true });
      await file.truncate(images * 3073); // black, and no disk is taken
      for (let label = 0; label < 10; label++) {
        await file.seek(3073 * (images - 1 - label), Deno.SeekMode.Start);
        await file.write(Uint8Array.of(label, 50 + label));
      }
    }
    const set = await openDataset({ path: folder, skipBad: true });
    assertEqual([set.train.length, set.test.length, set.classes.length], [50000, 10000, 10]);
    assertEqual([set.train.labels[49999], (await pixelsOf(set.train, 49999))[0]], [9, 59]);
    assertEqual((await openDataset({ path: root, maxTrain: 30, maxTest: 20 })).train.length, 30);
    await Deno.truncate(join(root, "data_batch_3.bin"), 30_729_999);
    const wanted = "Cannot read data_batch_3.bin of " + folder + ": 30729999 bytes, want 30730000 (10000 images)";
    assertEqual(await assertRejects(() => openDataset({ path: folder }), wanted), wanted);
  }));

Deno.test("openCifar() names the file and byte of a wrong label, size or class name, and a missing file", () =>
  inFolder(async (folder) => {
    const change = async (version: CifarVersion, name: string, edit: (bytes: Uint8Array) => Uint8Array | undefined) => {
      const files = cifarFiles(version, ""), edited = edit(files[name]);
      if (edited) files[name] = edited;
      else delete files[name];
      const root = await writeFiles(await Deno.makeTempDir({ dir: folder }), files);
      return () => open(root);
    };
    const label = (at: number) => (bytes: Uint8Array) => (bytes[at] = 200, bytes);
    const longer = (bytes: Uint8Array) => joined([bytes, [0]]);
    const cases: [CifarVersion, string, Parameters<typeof change>[2], string][] = [
      [TEN, "data_batch_2.bin", label(3073 * 4), "label 200 at byte 12292, want 0 … 9"],
      [HUNDRED, "test.bin", label(3074 * 4 + 1), "label 200 at byte 12297, want 0 … 99"],
      [TEN, "data_batch_5.bin", longer, "307301 bytes, want 307300 (100 images)"],
      [TEN, "test_batch.bin", () => undefined, "it is CIFAR-10 (binary version) without test_batch.bin, want batches"],
      [TEN, "batches.meta.txt", (bytes) => bytes.slice(0, 30), "4 different class names, want 10"],
      [HUNDRED_PYTHON, "test", (bytes) => bytes.slice(0, -2000), "bytes, want 307200 … 398336 (100 images)"],
      [TEN_PYTHON, "test_batch", () => pickle({ data: new Uint8Array(307200) }), "'labels' has no numbers, want 100"],
      [TEN_PYTHON, "test_batch", () => pickle({ data: "x".repeat(307200) }), "'data' is an array of none"],
      [TEN_PYTHON, "test_batch", () => pickle(["x".repeat(307200)]), "the pickle holds a list, want a dict"],
      [TEN_PYTHON, "batches.meta", () => latin("}K\x01K\x02s."), "a key is 1, want a text"],
      [
        TEN_PYTHON,
        "test_batch",
        () => pickle({ data: new Uint8Array(307200), labels: Array.from({ length: 100 }, (_, i) => i) }),
        "of image 10 is 10",
      ],
    ];
    for (const [version, name, edit, wanted] of cases) {
      const message = await assertRejects(await change(version, name, edit), wanted);
      assertTrue(message.includes(name) && !message.includes("\n"), message);
    }
    await writeFiles(folder, { ...cifarFiles(TEN), ...cifarFiles(HUNDRED) });
    await assertRejects(() => open(folder), "it holds more than one data set, want one, ");
    assertEqual(await findCifar(join(folder, "cifar-100-binary"), await openSource(folder), [TEN]), undefined);
  }));

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

Deno.test("readCifarPickle() reads what Python 2 wrote in protocols 0 and 2", () => {
  const text =
    "(dp1\nS'label_names'\np2\n(lp3\nS'it\\'s\\x41'\np4\naS\"b\\n\"\np5\nag4\nasS'n'\nI10000\nsS'on'\nI01\ns.";
  const entries = [...(readCifarPickle(latin(text), "x") as PickleDict).entries];
  assertEqual(entries.map(([key]) => key), ["label_names", "n", "on"].map(latin));
  assertEqual(sequence(entries[0][1]), ["it'sA", "b\n", "it'sA"].map(latin));
  assertEqual(entries.slice(1).map(([, value]) => value), [10000, true]);
  const numbers = readCifarPickle(
    latin("\x80\x02(K\x07M\x01\x02J\xfe\xff\xff\xff\x8a\x02\x00\xff\x8a\x00N\x88\x89t."),
    "x",
  );
  assertEqual(sequence(numbers), [7, 513, -2, -256, 0, null, true, false]);
  const long = sequence(readCifarPickle(pickle(Array.from({ length: 2500 }, (_, i) => i * 40)), "x"))!;
  assertEqual([long.length, long[2499]], [2500, 99960]);
  const array = readCifarPickle(pickle(Uint8Array.from({ length: 6144 }, (_, i) => i & 255)), "x") as PickledArray;
  assertTrue(array instanceof PickledArray, "an array");
  assertEqual([array.shape, array.data[6143], array.data.length], [[2, 3072], 255, 6144]);
});

Deno.test("readCifarPickle() refuses every name and opcode that is not on its list, and says where", async () => {
  const cases: [string, string][] = [
    ["\x80\x02cos\nsystem\nU\x02lsq\x00\x85R.", "the global os.system is not allowed, at byte 2 of the pickle"],
    ["\x80\x04\x8c\x08builtins\x8c\x04eval\x93.", "the global builtins.eval is not allowed, at byte 18"],
    ["cnumpy\nfromfile\n.", "the global numpy.fromfile is not allowed, at byte 0"],
    ["(S'ls'\nios\nsystem\n.", "the opcode INST is not allowed, at byte 7"],
    ["\x80\x02cnumpy\nndarray\n)\x81.", "the global numpy.ndarray cannot be called, at byte 18"],
    ["Px\n.", "the opcode PERSID is not allowed, at byte 0"],
    ["K\x01Q.", "a persistent id is 1, want none, at byte 2"],
    ["\xff.", "the opcode 0xff is not allowed, at byte 0"],
    ["\x80\x06N.", "its protocol is 6, want 0 … 5, at byte 0"],
    ["cnumpy\ndtype\n(U\x02O8K\x00K\x01tR.", "an array of the text 'O8', want one of bytes, 'u1', at byte 23"],
    ["cnumpy.core.multiarray\n_reconstruct\nN\x85R.", "an array is None, want numpy.ndarray, at byte"],
    ["c_codecs\nencode\nX\x01\x00\x00\x00aU\x04utf8\x86R.", "bytes are the text 'a' in bytes, want a text in 'latin1'"],
    ["]Nb.", "a list has no state to set, at byte 2"],
    ["K\x01K\x02\x86R.", "the stack is empty, at byte 5"],
    ["(.", "the stack is empty, at byte 1"],
    ["t.", "no mark is open, at byte 0"],
    ["h\x05.", "the memo holds no value 5, at byte 0"],
    ["}(U\x01au.", "a key has no value, at byte 5"],
    ["T\xff\xff\xff\xff.", "the pickle ends early, want 4294967295 more bytes, at byte 0"],
    ["I12", "the pickle ends within a line, at byte 0"],
    ["I1e9\n.", "a number is '1e9', want a whole one, at byte 0"],
    ["Sls\n.", "a string is 'ls', want it in quotes, at byte 0"],
    ["p01\n.", "the stack is empty, at byte 0"],
    ["\x8a\xff.", "the pickle ends early, want 255 more bytes"],
    ["", "the pickle ends early, want 1 more bytes, at byte 0"],
  ];
  for (const [text, wanted] of cases) {
    const message = await assertRejects(() => readCifarPickle(latin(text), "a file"), wanted);
    assertTrue(message.startsWith("Cannot read a file: ") && !message.includes("\n"), message);
  }
});

Deno.test("readCifarPickle() refuses an array whose shape and bytes do not fit, or in column order", async () => {
  const whole = pickle(new Uint8Array(6144)),
    spoilt = (edit: (bytes: Uint8Array) => void) => () => {
      const bytes = whole.slice();
      edit(bytes);
      return readCifarPickle(bytes, "x");
    };
  const shapeAt = latin1Index(whole, "(K\x01K\x02M"), orderAt = latin1Index(whole, "b\x89T");
  await assertRejects(
    spoilt((bytes) => bytes[shapeAt + 4] = 3),
    "an array of shape [3, 3072] with 6144 bytes, want 9216, at byte",
  );
  await assertRejects(
    spoilt((bytes) => bytes[orderAt + 1] = 0x88),
    "an array in column order, want one in row order, at byte",
  );
});

Deno.test("readCifarPickle() gives a value or one line for 3,000 damaged pickles", () => {
  const names = ["cat", "dog"], whole = pickle({ labels: [1, 2, 300, 70000], names, data: new Uint8Array(3072) });
  const tail = whole.length - 3072, random = randomStream(11, "subset", 0, 0);
  const ends = { read: 0, refused: 0 };
  for (let i = 0; i < 3000; i++) {
    const bytes = whole.slice(0, i % 5 === 0 ? random.uint32() % whole.length : whole.length);
    for (let flips = 0; flips <= i % 3; flips++) bytes[random.uint32() % tail] ^= 1 << (random.uint32() & 7);
    try {
      readCifarPickle(bytes, "x");
      ends.read++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      assertTrue(error.message.length < 300 && !error.message.includes("\n"), error.message);
      ends.refused++;
    }
  }
  assertTrue(ends.read > 100 && ends.refused > 100, JSON.stringify(ends));
});

function latin1Index(bytes: Uint8Array, text: string): number {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("").indexOf(text);
}

const PYTHON = Deno.env.get("VITFREEZE_PEER_PYTHON");
if (!PYTHON) console.log("skipped: VITFREEZE_PEER_PYTHON names no Python to write pickles with");

Deno.test({
  name: "openCifar() reads what Python's own pickle and numpy write, protocols 1 to 4",
  ignore: !PYTHON,
  fn: () =>
    inFolder(async (folder) => {
      const script = `
import json, pickle, sys, numpy as np
for protocol in range(1, 5):
    data = np.frombuffer(open(sys.argv[1], "rb").read(), dtype=np.uint8).reshape(-1, 3072)
    labels = [i % 10 for i in range(len(data))]
    batch = {"batch_label": "one", "labels": labels, "data": data.copy(), "filenames": ["a.png"] * len(data)}
    for key in ["text", "bytes"]:
        value = batch if key == "text" else {k.encode(): v for k, v in batch.items()}
        pickle.dump(value, open(f"{sys.argv[2]}/{key}{protocol}", "wb"), protocol)
`;
      const pixels = Uint8Array.from({ length: 20 * 3072 }, (_, i) => (i * 11 + (i >> 8)) & 255);
      await Deno.writeFile(join(folder, "pixels"), pixels);
      const { code, stderr } = await new Deno.Command(PYTHON!, { args: ["-c", script, join(folder, "pixels"), folder] })
        .output();
      assertEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
      for (const name of [1, 2, 3, 4].flatMap((protocol) => [`text${protocol}`, `bytes${protocol}`])) {
        const { entries } = readCifarPickle(await Deno.readFile(join(folder, name)), name) as PickleDict;
        const value = new Map([...entries].map(([key, each]) => [textOf(key), each]));
        const data = value.get("data") as PickledArray;
        assertEqual([data.shape, data.data.length], [[20, 3072], 61440], name);
        assertTrue(data.data.every((byte, i) => byte === pixels[i]), `pixels of ${name}`);
        assertEqual(sequence(value.get("labels")), Array.from({ length: 20 }, (_, i) => i % 10));
      }
    }),
});
