import { Buffer } from "node:buffer";
import { join } from "node:path";
import sharp from "sharp";
import { inspectDataset } from "../datasets/check/inspect.ts";
import type { ImageDataset } from "../datasets/dataset.ts";
import { decodeImage } from "../datasets/imageFolder/decode.ts";
import { openImageFolder } from "../datasets/imageFolder/openImageFolder.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";

/** A small grey image of its own. */
const png = (grey: number): Promise<Uint8Array> =>
  sharp({ create: { width: 4, height: 4, channels: 3, background: { r: grey, g: grey, b: grey } } }).png().toBuffer();

/** A member of a tar archive: its kind's sign, its name in bytes, what it links to, its content. */
interface Member {
  name: string | Uint8Array;
  kind?: "0" | "1" | "2" | "3" | "5" | "6" | "S";
  link?: string;
  content?: Uint8Array;
}

/** A tar archive as old as Unix: headers of 512 bytes. */
function tar(members: Member[]): Uint8Array {
  const blocks = members.flatMap(({ name, kind = "0", link = "", content = new Uint8Array() }) => {
    const header = new Uint8Array(512),
      put = (text: string | Uint8Array, at: number) =>
        header.set(typeof text === "string" ? new TextEncoder().encode(text) : text, at);
    put(name, 0);
    put("0000644\0", 100);
    put(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    put("        ", 148);
    put(kind, 156);
    put(link, 157);
    put("ustar\x0000", 257);
    put(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, new Uint8Array((512 - content.length % 512) % 512)];
  });
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

const images = await Promise.all(Array.from({ length: 12 }, (_, k) => png(20 * k)));
/** Two classes with two images in either split. */
const sound: Member[] = ["train/cat", "train/dog", "test/cat", "test/dog"].flatMap((folder, k) =>
  [0, 1].map((n) => ({ name: `${folder}/${n}.png`, content: images[2 * k + n] }))
);

async function inspected(path: string) {
  const found = await inspectDataset(path, () => {});
  const left = Object.fromEntries(found.leftOut.map(({ reason, files }) => [reason, files]));
  return { found, left, broken: found.broken.map(({ file, reason }) => `${file}: ${reason}`) };
}

/** The first value of a training image. */
async function grey(data: ImageDataset, index: number): Promise<number> {
  const image = await data.train.load(index);
  return (await image.crop({ top: 0, left: 0, height: 4, width: 4 }, 4))[0];
}

async function opened(path: string, folder: string, skipBad = false) {
  const said: string[] = [];
  const cacheFolder = join(folder, "cache"), notice = (line: string) => void said.push(line);
  return { data: await openImageFolder(path, { cacheFolder, notice, skipBad }), said };
}

Deno.test({
  name: "every entry of a folder is an image or under a reason, and what cannot be looked into is refused by its path",
  ignore: Deno.build.os === "windows",
  fn: () =>
    inFolder(async (folder) => {
      const root = join(folder, "set"), at = (path: string) => join(root, path);
      for (const { name, content } of sound) {
        await Deno.mkdir(join(at(String(name)), ".."), { recursive: true });
        await Deno.writeFile(at(String(name)), content!);
      }
      await Deno.mkdir(at("train/cat/.ipynb_checkpoints"));
      await Deno.writeFile(at("train/cat/.ipynb_checkpoints/0-checkpoint.png"), images[0]);
      await Deno.writeTextFile(at("train/cat/notes.txt"), "a cat");
      await Deno.writeFile(at("stray.png"), images[9]);
      await Deno.mkdir(at("train/cat/deeper"));
      await Deno.writeFile(at("train/cat/deeper/2.JPG"), await sharp(Buffer.from(images[10])).jpeg().toBuffer());
      await new Deno.Command("mkfifo", { args: [at("train/dog/pipe.png")] }).output();
      const { found, left, broken } = await inspected(root);
      assertEqual([found.train, found.test, broken, found.unusable], [5, 4, [], null]);
      assertEqual(left, {
        "in no class of a split": ["stray.png"],
        hidden: ["train/cat/.ipynb_checkpoints/0-checkpoint.png"],
        "ending not read": ["train/cat/notes.txt"],
        "no plain file": ["train/dog/pipe.png"],
      });
      const { data, said } = await opened(root, folder);
      assertEqual([data.train.length, data.test.length], [5, 4]);
      assertEqual(said.length, 1);
      for (
        const part of ["1 hidden (train/cat/.ipynb", "1 ending not read (.txt)", "1 no plain file (train/dog/pipe.png)"]
      ) {
        assertTrue(said[0].includes(part), said[0]);
      }
      await Deno.symlink("/mnt/not-mounted/9.png", at("train/cat/9.png"));
      const dangling = "it is a link to /mnt/not-mounted/9.png, which is not there";
      assertEqual((await inspected(root)).broken, [`train/cat/9.png: ${dangling}`]);
      await assertRejects(
        () => opened(root, folder),
        `Cannot read image train/cat/9.png: ${dangling}, want an image, or --skip-bad`,
      );
      assertEqual((await opened(root, folder, true)).data.skipped, 1);
      // What has no ending may be a whole class.
      await Deno.symlink("/mnt/not-mounted/bird", at("train/bird"));
      const lost = `Cannot read ${root}/train/bird: it is a link to /mnt/not-mounted/bird, which is not there`;
      assertTrue((await inspected(root)).found.unusable?.startsWith(lost) ?? false, "unusable");
      await assertRejects(() => opened(root, folder), new RegExp(`^${lost}, want it whole, or --skip-bad$`));
      await Deno.remove(at("train/bird"));
      await Deno.symlink("..", at("train/cat/round"));
      await assertRejects(() => opened(root, folder), /round: it is a link to a folder that holds it, want it whole/);
      await record("accounting", {
        promise: "Every entry of a data set is a used image or stands under a reason; nothing vanishes",
        how:
          "hidden, other endings, outside of classes, pipes, links that point nowhere or round, names twice, links in archives",
        count: "2 sources, 12 kinds of entries",
      });
    }),
});

Deno.test("a tar's hard and symbolic links are the images that they name; what leads nowhere or out is refused", () =>
  inFolder(async (folder) => {
    for (const ending of ["tar", "tar.gz"]) {
      const path = join(folder, `set.${ending}`);
      const write = async (members: Member[]) => {
        const bytes = tar(members);
        const packed = ending === "tar" ? [bytes] : [
          new Uint8Array(
            await new Response(
              new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new CompressionStream("gzip")),
            ).arrayBuffer(),
          ),
        ];
        await Deno.writeFile(path, packed[0]);
      };
      await write([
        ...sound,
        { name: "train/cat/hard.png", kind: "1", link: "train/cat/0.png" },
        { name: "train/cat/soft.png", kind: "2", link: "../dog/1.png" },
        { name: "train/dog/across.png", kind: "2", link: "../../test/dog/0.png" },
        { name: "train/dog/twice.png", kind: "2", link: "across.png" },
        { name: "train/bird", kind: "2", link: "dog" },
        { name: "test/bird", kind: "2", link: "../test/./dog/" },
      ]);
      const { found, left, broken } = await inspected(path);
      assertEqual([found.train, found.test, broken, left], [4 + 2 + 2 + 4, 4 + 2, [], {}]);
      const { data } = await opened(path, folder);
      const pixels = await Promise.all(
        Array.from({ length: 12 }, async (_, k) => await grey(data, k)),
      );
      // Bird (as dog: 0, 1, across, twice), cat (0, 1, hard, soft), dog; greys are 20 times the number of the image.
      const dog = [40, 60, 120, 120];
      assertEqual(pixels, [...dog, 0, 20, 0, 60, ...dog]);
      const faults: [Member, RegExp][] = [
        [
          { name: "train/cat/x.png", kind: "2", link: "nowhere.png" },
          /it is a link to nowhere\.png, which is not in the archive/,
        ],
        [{ name: "train/cat/x.png", kind: "2", link: "../../../etc/passwd" }, /it is a link out of the archive/],
        [
          { name: "train/cat/x.png", kind: "2", link: "/etc/passwd" },
          /it is a link out of the archive \(\/etc\/passwd\)/,
        ],
        [{ name: "train/cat/x.png", kind: "2", link: "x.png" }, /it is a link that leads in a circle/],
        [{ name: "train/x", kind: "2", link: ".." }, /it is a link to a folder that holds it/],
      ];
      for (const [member, want] of faults) {
        await write([...sound, member]);
        await assertRejects(() => opened(path, folder), want);
        const { found: { unusable }, broken } = await inspected(path);
        assertTrue(want.test(unusable ?? broken.join()), `${unusable} ${broken}`);
      }
    }
  }));

Deno.test("a tar's names are told apart by their bytes, the last of a name counts, and what is no plain file is told", () =>
  inFolder(async (folder) => {
    const path = join(folder, "set.tar"),
      bytes = (name: string, ...more: number[]) =>
        new Uint8Array([...new TextEncoder().encode(name), ...more, ...new TextEncoder().encode("/0.png")]);
    const classes = ["train/", "test/"].flatMap((split) => [
      { name: bytes(split, 0xb9, 0xb7), content: images[8] },
      { name: bytes(split, 0xc4, 0xf1), content: images[9] },
    ]);
    const twice = [{ name: "./train/cat/0.png", content: images[11] }, { name: "train/cat/null", kind: "3" as const }];
    await Deno.writeFile(path, tar([...sound, ...classes, ...twice]));
    const { found, left } = await inspected(path);
    assertEqual(found.classes.map(({ name }) => name), ["\\xb9\\xb7", "\\xc4\\xf1", "cat", "dog"]);
    assertEqual(left, { "another of the same name": ["train/cat/0.png"], "no plain file": ["train/cat/null"] });
    const { data } = await opened(path, folder);
    assertEqual(await grey(data, 2), 220);
    await Deno.writeFile(path, tar([...sound, { name: "train/cat/sparse.png", kind: "S" }]));
    await assertRejects(
      () => inspected(path),
      /sparse\.png is a sparse file or of an unknown kind, want plain files and links/,
    );
  }));

Deno.test("decodeImage() reads BMP, PGM and PPM as PIL does, and refuses what would come out as something else", async () => {
  // Pixels as Pillow 12 reads them with convert("RGB"): a palette of 4 bits, colours of 5 bits each, text and binary.
  const bmp4 =
    "Qk2CAAAAAAAAAHYAAAAoAAAABQAAAAMAAAABAAQAAAAAAAwAAAAAAAAAAAAAABAAAAAAAAAAAAD/AAoH9gAUDu0AHhXkACgc2wAyI9IAPCrJAEYx" +
    "wABQOLcAWj+uAGRGpQBuTZwAeFSTAIJbigCMYoEAlml4ALRk8AD0PEAASO9AAA==";
  const bmp16 =
    "Qk1aAAAAAAAAADYAAAAoAAAABQAAAAMAAAABABAAAAAAACQAAAAAAAAAAAAAAAAAAAAAAAAAIzlmL3fsC7uuoQAAUtxbUID3juljygAANSaMS3lqqj9U" +
    "MAAA";
  const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
  const first = async (file: Uint8Array, count = 6) =>
    Array.from((await decodeImage(file, "x")).pixels.subarray(0, count));
  assertEqual(await first(bytes(bmp4), 9), [219, 28, 40, 183, 56, 80, 129, 98, 140]);
  assertEqual(await first(bytes(bmp16), 9), [74, 139, 172, 148, 230, 98, 213, 156, 205]);
  assertEqual(await first(new TextEncoder().encode("P2 # grey\n2 1\n15\n0 15\n")), [0, 0, 0, 255, 255, 255]);
  assertEqual(await first(new Uint8Array([...new TextEncoder().encode("P6 2 1 255\n"), 1, 2, 3, 4, 5, 6])), [
    1,
    2,
    3,
    4,
    5,
    6,
  ]);
  const said = (file: Uint8Array, want: RegExp) => assertRejects(() => decodeImage(file, "x"), want);
  await said(bytes(bmp4).subarray(0, 120), /^Cannot read image x: truncated BMP at byte 120$/);
  await said(new TextEncoder().encode("P6 2 1 255\nab"), /truncated PNM at byte 13/);
  // A TIFF's first directory alone: samples a pixel, bits of each, and what kind of numbers they are.
  const tiff = (samples: number, bits: number, format: number) => {
    const view = new DataView(new ArrayBuffer(64));
    [0x4949, 42, 8, 0, 3].forEach((value, k) => view.setUint16(2 * k, value, true));
    [[258, bits], [277, samples], [339, format]].forEach(([tag, value], k) => {
      [tag, 3, 1, 0, value].forEach((part, n) => view.setUint16(10 + 12 * k + 2 * n, part, true));
    });
    return new Uint8Array(view.buffer);
  };
  await said(
    tiff(1, 32, 3),
    /^Cannot read image x: its samples are 32-bit floating-point numbers, want 8 or 16 bits, unsigned$/,
  );
  await said(tiff(1, 32, 1), /^Cannot read image x: its samples are 32-bit numbers, want 8 or 16 bits$/);
  await said(tiff(13, 8, 1), /^Cannot read image x: it has 13 bands, want 1 to 4 /);
  await said(tiff(3, 8, 1), /^Cannot read image x: damaged TIFF of 64 bytes/);
});

Deno.test("decodeImage() gives stored values: an embedded colour profile is not applied", async () => {
  const red = sharp({ create: { width: 2, height: 2, channels: 3, background: { r: 200, g: 50, b: 50 } } });
  const other = await red.withIccProfile("p3").png().toBuffer(), { hasProfile } = await sharp(other).metadata();
  const pixels = async (ignoreIcc: boolean) =>
    Array.from(await sharp(other, { ignoreIcc }).toColourspace("srgb").removeAlpha().raw().toBuffer());
  const [stored, applied] = [await pixels(true), await pixels(false)];
  assertTrue(hasProfile && stored[0] !== applied[0], `${stored} and ${applied}: the profile would change them`);
  assertEqual(Array.from((await decodeImage(new Uint8Array(other), "x")).pixels), stored);
});
