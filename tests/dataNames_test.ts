import { Buffer } from "node:buffer";
import { join } from "node:path";
import fc from "fast-check";
import { zipSync } from "fflate";
import sharp from "sharp";
import { inspectDataset } from "../datasets/check/inspect.ts";
import { inspectionText } from "../datasets/check/text.ts";
import { byteText, nameText } from "../datasets/imageFolder/memberName.ts";
import { openImageFolder } from "../datasets/imageFolder/openImageFolder.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { inFolder } from "./reportTools.ts";
import { type Member, paxPath, tar } from "./tarTools.ts";

const images = await Promise.all(Array.from({ length: 12 }, async (_, k) => {
  const background = { r: 20 * k, g: 20 * k, b: 20 * k };
  return new Uint8Array(await sharp({ create: { width: 4, height: 4, channels: 3, background } }).png().toBuffer());
}));
/** Two classes with two images in either split. */
const sound = ["train/cat", "train/dog", "test/cat", "test/dog"].flatMap((folder, k) =>
  [0, 1].map((n) => ({ name: `${folder}/${n}.png`, content: images[2 * k + n] }))
);
/** Two class names in GBK: neither is UTF-8, and both look the same when it is forced on them. */
const GBK = [[0xb9, 0xb7], [0xc4, 0xf1]];

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

async function classesOf(path: string): Promise<[string, number, number][]> {
  return (await inspectDataset(path, () => {})).classes.map(({ name, train, test }) => [name, train, test]);
}

async function writeSound(root: string): Promise<void> {
  for (const { name, content } of sound) {
    await Deno.mkdir(join(root, name, ".."), { recursive: true });
    await Deno.writeFile(join(root, name), content);
  }
}

Deno.test("names that are not UTF-8 stay apart by their bytes: in headers, in PAX headers, in zip archives", () =>
  inFolder(async (folder) => {
    const places = ["train/", "test/"].flatMap((split, k) =>
      // Names of files differ, for equal ones would be refused as standing twice.
      GBK.map((bytes, n) => ({
        name: new Uint8Array([...latin1(split), ...bytes, ...latin1(`/${2 * k + n}.png`)]),
        k,
        n,
      }))
    );
    const own = places.map(({ name, k, n }) => ({ name, content: images[8 + 2 * k + n] }));
    const wanted = [["\\xb9\\xb7", 1, 1], ["\\xc4\\xf1", 1, 1], ["cat", 2, 2], ["dog", 2, 2]] as [
      string,
      number,
      number,
    ][];
    const old = join(folder, "old.tar"), pax = join(folder, "pax.tar"), zip = join(folder, "set.zip");
    await Deno.writeFile(old, tar([...sound, ...own]));
    assertEqual(await classesOf(old), wanted);
    await Deno.writeFile(
      pax,
      tar([...sound, ...own.flatMap((member) => [paxPath(member.name), { ...member, name: "x" }])]),
    );
    assertEqual(await classesOf(pax), wanted);
    const ascii = own.map(({ name, content }) => [placeHolder(name), content]);
    const packed = zipSync(Object.fromEntries([...sound.map(({ name, content }) => [name, content]), ...ascii]));
    await Deno.writeFile(zip, withNames(packed, own.map(({ name }) => name)));
    assertEqual(await classesOf(zip), wanted);
  }));

/** As many bytes, all ASCII. */
function placeHolder(name: Uint8Array): string {
  return Array.from(name, (byte) => String.fromCharCode(byte < 0x80 ? byte : 0x41 + byte % 26)).join("");
}

/** A zip archive with names put in the place of their place holders; flag 11 says that all names are UTF-8. */
function withNames(archive: Uint8Array, names: Uint8Array[]): Uint8Array {
  const bytes = Buffer.from(archive);
  for (const [signature, at] of [["PK\x03\x04", 6], ["PK\x01\x02", 8]] as const) {
    for (let start = bytes.indexOf(signature); start >= 0; start = bytes.indexOf(signature, start + 1)) {
      bytes.writeUInt16LE(bytes.readUInt16LE(start + at) | 0x800, start + at);
    }
  }
  for (const name of names) {
    const old = placeHolder(name);
    for (let at = bytes.indexOf(old); at >= 0; at = bytes.indexOf(old, at + 1)) bytes.set(name, at);
  }
  return new Uint8Array(bytes);
}

Deno.test("nameText() gives no two names the same text, and leaves UTF-8 as it is", () => {
  const byte = fc.constantFrom(0x5c, 0x78, 0x62, 0x39, 0xb9, 0xc3, 0xa9, 0x2f);
  const name = fc.array(byte, { maxLength: 8 }).map((bytes) => String.fromCharCode(...bytes));
  fc.assert(fc.property(name, name, (a, b) => (nameText(a) === nameText(b)) === (a === b)), { numRuns: 5000 });
  assertEqual(nameText(byteText("猫/é.png")), "猫/é.png");
  // The escape of one part leaves the others as they are.
  assertEqual(nameText(byteText("é/") + "\xb9.png"), "é/\\xb9.png");
  assertEqual(nameText("\\xb9"), "\\\\xb9");
});

Deno.test("one place in an archive has one name, however it is written; what goes up or lies too deep is refused", () =>
  inFolder(async (folder) => {
    const path = join(folder, "set.tar");
    const write = (more: Member[]) => Deno.writeFile(path, tar([...sound, ...more]));
    await write(["train/./cat/0.png", "train//cat/0.png", "./train/cat/././0.png"].map((name) => ({
      name,
      content: images[9],
    })));
    const { train, leftOut } = await inspectDataset(path, () => {});
    assertEqual(train, 4);
    assertEqual(leftOut, [{
      reason: "another of the same name",
      files: ["train/cat/0.png", "train/cat/0.png", "train/cat/0.png"],
    }]);
    const refused = async (name: string | Uint8Array, want: RegExp) => {
      await write([{ ...paxPath(typeof name === "string" ? latin1(name) : name) }, { name: "x" }]);
      await assertRejects(() => inspectDataset(path, () => {}), want);
    };
    await refused("train/cat/../dog/7.png", /set\.tar: the path of a member goes up by \.\. \(train\/cat\/\.\.\/dog/);
    await refused("../7.png", /goes up by \.\. \(\.\.\/7\.png\), want paths inside the archive$/);
    await refused(`train/${"a/".repeat(200)}7.png`, /is 201 folders deep \(train\/a\/a\/[a/]+…\), want less than 100$/);
    await refused(`train/${"a".repeat(5000)}/7.png`, /has 5012 bytes \(train\/a+…\), want at most 4096$/);
  }));

Deno.test("a hard link in a tar has the bytes that its name stood for at its place", () =>
  inFolder(async (folder) => {
    const path = join(folder, "set.tar"), [first, ...others] = sound;
    const hard = { name: "train/cat/hard.png", kind: "1" as const, link: first.name };
    await Deno.writeFile(path, tar([first, hard, { ...first, content: images[11] }, ...others]));
    const data = await openImageFolder(path, { cacheFolder: join(folder, "cache"), notice: () => {} });
    const greys = await Promise.all([0, 1, 2].map(async (index) => {
      const image = await data.train.load(index);
      return (await image.crop({ top: 0, left: 0, height: 4, width: 4 }, 4))[0];
    }));
    // 0.png (the later one), 1.png, hard.png (the earlier 0.png); greys are 20 times the number of the image.
    assertEqual(greys, [220, 20, 0]);
  }));

Deno.test("links to folders that hold links lead to all that is there; few links that name millions are refused at once", () =>
  inFolder(async (folder) => {
    const path = join(folder, "set.tar"),
      link = (name: string, target: string) => ({ name, kind: "2" as const, link: target });
    const pool = [
      link("train/all", "../pool"),
      link("test/all", "cat"),
      { name: "pool/x.png", content: images[8] },
      link("pool/sub", "../store"),
      { name: "store/y.png", content: images[9] },
      link("store/deep", "../last"),
      { name: "last/z.png", content: images[10] },
    ];
    for (const order of [pool, pool.toReversed()]) {
      await Deno.writeFile(path, tar([...sound, ...order]));
      assertEqual((await classesOf(path))[0], ["all", 3, 2]);
    }
    const chain = Array.from({ length: 25 }, (_, k) => ["a", "b"].map((side) => link(`l${k + 1}/${side}`, `../l${k}`)));
    const bomb = [...sound, { name: "l0/a.png", content: images[8] }, ...chain.flat(), link("train/bomb", "../l25")];
    await Deno.writeFile(path, tar(bomb));
    await assertRejects(
      () => classesOf(path),
      /its links lead to each other's folders without end \(l\d+\/[ab/]+…\), want/,
    );
  }));

Deno.test({
  name: "a folder's links that hide a class, lead to each other without end, or whose names are no UTF-8, are refused",
  // A system that keeps its names in Unicode has no such names, and links need rights there.
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (folder) => {
      const root = join(folder, "set");
      await writeSound(root);
      await Deno.symlink("/mnt/none", join(root, "train/great.dane"));
      const { unusable, leftOut } = await inspectDataset(root, () => {});
      const lost =
        `Cannot read ${root}/train/great.dane: it is a link to /mnt/none, which is not there, want it whole, or --skip-bad`;
      assertEqual([unusable, leftOut], [lost, [{ reason: "cannot be read", files: ["train/great.dane"] }]]);
      await Deno.remove(join(root, "train/great.dane"));
      await new Deno.Command("sh", { args: ["-c", `mkdir "$1/train/$(printf '\\271\\267')"`, "sh", root] }).output();
      const unnamed = (await inspectDataset(root, () => {})).unusable;
      assertTrue(/train\/\ufffd+: its name is not UTF-8, want/.test(unnamed ?? ""), `${unnamed}`);
      const round = join(folder, "round");
      await writeSound(round);
      for (let k = 0; k <= 20; k++) {
        await Deno.mkdir(join(round, `l${k}`));
        if (k > 0) { for (const side of ["a", "b"]) await Deno.symlink(`../l${k - 1}`, join(round, `l${k}/${side}`)); }
      }
      await Deno.writeFile(join(round, "l0/a.png"), images[8]);
      await assertRejects(
        () => classesOf(round),
        /^Cannot list .*: its links lead to the same folders again and again/,
      );
    }),
});

Deno.test("a run says what is left out now, also where the images come from the cache", () =>
  inFolder(async (folder) => {
    const root = join(folder, "set");
    await writeSound(root);
    const said: string[] = [];
    const open = () =>
      openImageFolder(root, { cacheFolder: join(folder, "cache"), notice: (line: string) => void said.push(line) });
    await open();
    assertEqual(said, []);
    await Deno.writeTextFile(join(root, "train/cat/notes.txt"), "a cat");
    await open();
    assertEqual(said, [`${root}: not used: 1 ending not read (.txt)`]);
  }));

Deno.test("what is found is shown on its own lines, for 200,000 classes too", () => {
  const classes = Array.from({ length: 200_000 }, (_, k) => ({ name: `${k}`, train: 1, test: 1 }));
  const found = {
    ...{
      path: "x",
      kind: "folder",
      sha256: null,
      train: 1,
      test: 1,
      width: null,
      height: null,
      broken: [],
      duplicates: [],
    },
    ...{ files: 0, leftOut: [], unlabelled: null, unusable: null },
    classes: [...classes, { name: "a\x1b[31m\nb", train: 1, test: 1 }],
  };
  const lines = inspectionText(found, 0).split("\n");
  assertTrue(lines.some((line) => line.startsWith("  a\\x1b[31m\\nb ")), "an escaped name");
  assertEqual(lines.length, 200_000 + 11);
  const names = Array.from({ length: 50_000 }, (_, k) => `${k}.png`);
  const same = { ...found, classes: [], duplicates: [{ sha256: "", train: names, test: ["x.png"] }] };
  const shown = names.slice(0, 10).join(", ");
  assertTrue(inspectionText(same, 0).includes(`\n  ${shown} and 49990 more = x.png\n`), "the first names and a number");
});
