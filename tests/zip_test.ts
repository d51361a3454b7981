import { join } from "node:path";
import { Zip, ZipDeflate, zipSync } from "fflate";
import { UserError } from "../core/errors.ts";
import { openDataset } from "../datasets/mod.ts";
import type { ImageSplit } from "../datasets/mod.ts";
import { zipSource } from "../datasets/imageFolder/zipSource.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { type Files } from "./cifarFixtures.ts";
import { inFolder } from "./reportTools.ts";
import { square, zipOf } from "./tinyImagenetFixtures.ts";

/** Two classes of two images in train/ and val/, no two images the same. */
async function smallFiles(): Promise<Files> {
  const files: Files = {}, classes = ["ant", "bee"];
  for (const [split, splitName] of ["train", "val"].entries()) {
    for (const [label, name] of classes.entries()) {
      for (const i of [0, 1]) files[`${splitName}/${name}/${i}.jpg`] = await square(split * 4 + label * 2 + i);
    }
  }
  return files;
}

async function pixelsOf({ length, load }: ImageSplit): Promise<Uint8Array[]> {
  const box = { left: 0, top: 0, width: 8, height: 8 };
  return await Promise.all(Array.from({ length }, async (_, i) => (await load(i)).crop(box, 8)));
}

/** Where the first central directory header of a zip starts; its fields lie at fixed places behind that. */
function directoryAt(zip: Uint8Array): number {
  return new DataView(zip.buffer).getUint32(zip.length - 22 + 16, true);
}

/** A copy in which a number, little-endian, stands at a place. */
function withNumber(zip: Uint8Array, at: number, value: number, bytes: 2 | 4): Uint8Array {
  const copy = zip.slice(), view = new DataView(copy.buffer);
  if (bytes === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return copy;
}

/** The same archive with the end records of zip64. */
function asZip64(zip: Uint8Array): Uint8Array {
  const end = zip.length - 22, extra = new DataView(new ArrayBuffer(76)), old = new DataView(zip.buffer, end);
  extra.setUint32(0, 0x06064b50, true);
  extra.setBigUint64(4, 44n, true);
  extra.setBigUint64(24, BigInt(old.getUint16(8, true)), true);
  extra.setBigUint64(32, BigInt(old.getUint16(10, true)), true);
  extra.setBigUint64(40, BigInt(old.getUint32(12, true)), true);
  extra.setBigUint64(48, BigInt(old.getUint32(16, true)), true);
  extra.setUint32(56, 0x07064b50, true);
  extra.setBigUint64(64, BigInt(end), true);
  extra.setUint32(72, 1, true);
  const all = new Uint8Array(zip.length + 76);
  all.set(zip.subarray(0, end));
  all.set(new Uint8Array(extra.buffer), end);
  all.set(zip.subarray(end), end + 76);
  all.fill(0xff, end + 76 + 8, end + 76 + 20); // numbers of entries, size and place: as in the zip64 record
  return all;
}

/** A zip as programs write it that do not know sizes before the bytes: these follow the bytes. */
function streamed(files: Files): Uint8Array {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const zip = new Zip((_, part) => parts.push(part as Uint8Array<ArrayBuffer>));
  for (const [path, bytes] of Object.entries(files)) {
    const entry = new ZipDeflate(path);
    zip.add(entry);
    entry.push(bytes, true);
  }
  zip.end();
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}

/** Opens an archive of those bytes; nothing is kept. */
async function open(folder: string, bytes: Uint8Array, budgetBytes = 1e6) {
  const path = join(folder, "x.zip"), cacheFolder = join(folder, "cache");
  await Deno.writeFile(path, bytes);
  await Deno.remove(cacheFolder, { recursive: true }).catch(() => {});
  return await openDataset({ path, cacheFolder, budgetBytes, notice: () => {} });
}

Deno.test("openDataset() reads .zip archives: stored, deflated, zip64, streamed, with a folder around", () =>
  inFolder(async (folder) => {
    const files = await smallFiles(), zip = zipOf(files);
    const wrapped = Object.fromEntries(Object.entries(files).map(([path, bytes]) => [`./set/${path}`, bytes]));
    const wanted = await pixelsOf((await open(folder, zip)).train);
    assertEqual(new Set(wanted.map((pixels) => pixels.join())).size, 4);
    const forms = [zip, asZip64(zip), streamed(files), zipOf(wrapped), zipOf({ ...wrapped, "set/": new Uint8Array() })];
    for (const [form, bytes] of forms.entries()) {
      for (const budgetBytes of [1e6, 500]) { // decoded in memory, or read and decoded one by one
        const { classes, train, test } = await open(folder, bytes, budgetBytes);
        assertEqual([classes, [...train.labels], test.length], [["ant", "bee"], [0, 0, 1, 1], 4], `form ${form}`);
        assertEqual(await pixelsOf(train), wanted, `form ${form}`);
      }
    }
  }));

Deno.test("openDataset() refuses a .zip that is cut at any 64th byte in one line", () =>
  inFolder(async (folder) => {
    const zip = zipOf(await smallFiles());
    for (let length = 0; length < zip.length; length += 64) {
      const message = await assertRejects(() => open(folder, zip.subarray(0, length)), /^Cannot read .*x\.zip: /);
      assertTrue(!message.includes("\n"), message);
    }
    assertTrue(zip.length > 2000, "there is something to cut");
  }));

Deno.test("openDataset() gives no wrong pixels of a .zip with one changed byte", () =>
  inFolder(async (folder) => {
    const zip = zipOf(await smallFiles()), { train, test } = await open(folder, zip);
    const right = new Set([...await pixelsOf(train), ...await pixelsOf(test)].map((pixels) => pixels.join()));
    let refused = 0;
    for (let at = 3; at < zip.length; at += 17) {
      const changed = zip.slice();
      changed[at] ^= 1 << at % 8;
      try {
        const set = await open(folder, changed);
        const found = [...await pixelsOf(set.train), ...await pixelsOf(set.test)];
        assertTrue(found.every((pixels) => right.has(pixels.join())), `byte ${at}`);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        refused++;
      }
    }
    assertTrue(refused > 100, `${refused} refused`);
  }));

Deno.test("openDataset() refuses hostile and unusual .zip archives in one line", () =>
  inFolder(async (folder) => {
    const files = await smallFiles(), zip = zipOf(files), at = directoryAt(zip), image = files["train/ant/0.jpg"];
    const wrong = (path: string) => zipSync({ ...files, [path]: image });
    const deflated = zipSync(files), other = directoryAt(deflated);
    const size = new DataView(deflated.buffer).getUint32(other + 24, true);
    const cases: [Uint8Array, string][] = [
      [wrong("../up.jpg"), "invalid relative path: ../up.jpg"],
      [wrong("/etc/up.jpg"), "absolute path: /etc/up.jpg"],
      [wrong("train\\..\\..\\up.jpg"), "invalid relative path"],
      [withNumber(deflated, other + 8, 1, 2), "train/ant/0.jpg is encrypted, want files that need no password"],
      [withNumber(deflated, other + 8, 0x41, 2), "strong encryption is not supported"],
      [withNumber(deflated, other + 10, 9, 2), "train/ant/0.jpg is packed by method 9, want stored or deflated files"],
      [withNumber(zip, at + 16, 0x1234, 4), "its CRC-32 is "],
      [withNumber(zip, at + 42, 7, 4), "byte 7 starts no file"],
      [withNumber(zip, at + 42, 2 ** 31, 4), "train/ant/0.jpg ends behind the archive"],
      [withNumber(deflated, other + 24, size - 1, 4), `want deflated data of ${size - 1} bytes`],
      [withNumber(deflated, other + 24, size + 1, 4), `it has ${size} bytes, want ${size + 1}`],
      [withNumber(deflated, other + 24, 2 ** 30, 4), `it has ${2 ** 30} bytes, want at most`],
      [zipSync({ ...files, "./train/ant/0.jpg": image }), "train/ant/0.jpg is there twice"],
      [withNumber(zip, zip.length - 22 + 4, 1, 2), "multi-disk zip files are not supported"],
      [new Uint8Array([...zip, 1, 2, 3]), "other bytes follow its end"],
      [new Uint8Array(5000).fill(80), "it has no end (truncated, or no zip archive)"],
      [zipSync({}), "found 0 files but no images"],
    ];
    for (const [bytes, wanted] of cases) {
      const message = await assertRejects(() => open(folder, bytes), wanted);
      assertTrue(/^Cannot (read|open) [^\n]+$/.test(message), message);
    }
  }));

Deno.test("zipSource() lists an archive without reading its files' bytes", () =>
  inFolder(async (folder) => {
    // 64 MB of zeros that are a hole in the file: a stored entry, whose header and directory alone are written.
    const small = zipSync({ "train/ant/0.jpg": [new Uint8Array(10), { level: 0 }] }), hole = 2 ** 26;
    const at = directoryAt(small), path = join(folder, "large.zip");
    const head = withNumber(small, at + 20, hole + 10, 4), whole = withNumber(head, at + 24, hole + 10, 4);
    const tail = withNumber(whole, small.length - 22 + 16, at + hole, 4).subarray(at);
    using file = await Deno.open(path, { write: true, create: true });
    await file.write(small.subarray(0, at));
    await file.seek(at + hole, Deno.SeekMode.Start);
    await file.write(tail);
    const before = Deno.memoryUsage().external, { files, folders } = await zipSource(path).list();
    assertEqual([files, folders.sort()], [[{ path: "train/ant/0.jpg", size: hole + 10, offset: 0 }], [
      "train",
      "train/ant",
    ]]);
    const grown = Deno.memoryUsage().external - before;
    assertTrue(grown < 2 ** 24, `${grown} bytes more are held`); // windows of 1 MiB, not the 64 of the file
  }));
