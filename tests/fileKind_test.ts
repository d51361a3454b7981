import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import sharp from "sharp";
import { diagnose } from "../datasets/imageFolder/diagnose.ts";
import { openSource } from "../datasets/imageFolder/openSource.ts";
import { openDataset } from "../datasets/openDataset.ts";
import { assertEqual, assertRejects } from "./assert.ts";
import { inFolder } from "./reportTools.ts";
import { tar } from "./tarTools.ts";

const text = (words: string) => new TextEncoder().encode(words);
const image = new Uint8Array(
  await sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } }).png().toBuffer(),
);
const members = ["train/cat/0.png", "train/dog/0.png", "test/cat/0.png", "test/dog/0.png"].map((name) => ({
  name,
  content: image,
}));

Deno.test("diagnose() names files that are taken for images by their names", async () => {
  const avif = new Uint8Array(await sharp(image).avif({ effort: 0 }).toBuffer());
  const cases: [Uint8Array, string][] = [
    [
      text("version https://git-lfs.github.com/spec/v1\nsize 9\n"),
      "it is a Git LFS pointer (git lfs pull fetches the file)",
    ],
    [text("<!DOCTYPE html><html>"), "it is an HTML page"],
    [avif, "it is HEIC or AVIF"],
    [Uint8Array.of(0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20), "it is JPEG 2000"],
    [text("P1\n2 2\n1 0 0 1\n"), "it is a bitmap of Netpbm (P1)"],
    [text("PF\n1 1\n-1.0\n"), "it is a floating-point PFM image"],
    [text("something"), "unknown format (it starts with 73 6f 6d 65)"],
  ];
  for (const [bytes, wanted] of cases) assertEqual(diagnose(bytes), wanted);
});

Deno.test("openSource() names an archive that is not what its name says", () =>
  inFolder(async (folder) => {
    const plain = tar(members), zip = zipSync({ "train/cat/0.png": image });
    const cases: [string, Uint8Array, string][] = [
      ["a.tar", gzipSync(plain), "it is a gzip file by its content and a tar archive by its name, want both the same"],
      ["a.tgz", plain, "it is a tar archive by its content and a gzip file by its name"],
      ["b.tar", zip, "it is a zip archive by its content and a tar archive by its name"],
      ["a.zip", plain, "it is a tar archive by its content and a zip archive by its name"],
      ["c.tar.gz", text("<html>404"), "it is an HTML page by its content and a gzip file by its name"],
      ["a.tar.zst", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), "it is a Zstandard file, want a folder or a .tar,"],
      ["a.txt", text("a"), "it is a file of another kind, want a folder or a .tar,"],
    ];
    for (const [name, bytes, wanted] of cases) {
      await Deno.writeFile(join(folder, name), bytes);
      await assertRejects(() => openSource(join(folder, name)), `Cannot open ${join(folder, name)}: ${wanted}`);
    }
    for (const [name, bytes] of [["d.tar", plain], ["d.tgz", gzipSync(plain)], ["d.zip", zip]] as const) {
      await Deno.writeFile(join(folder, name), bytes);
      assertEqual((await (await openSource(join(folder, name))).list()).files.length, name === "d.zip" ? 1 : 4);
    }
  }));

Deno.test("classes that look the same and are written otherwise are told apart by their characters", () =>
  inFolder(async (folder) => {
    const path = join(folder, "a.tar"), names = ["train/caf\u00e9", "test/cafe\u0301"];
    await Deno.writeFile(path, tar([...members, ...names.map((name) => ({ name: `${name}/0.png`, content: image }))]));
    await assertRejects(
      () => openDataset({ path, cacheFolder: folder }),
      "in train/, where one of the same look is written with other characters (cafe\\u0301 and caf\\u00e9)",
    );
  }));
