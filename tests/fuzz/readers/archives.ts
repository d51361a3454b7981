import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type Zippable, zipSync } from "fflate";
import sharp from "sharp";
import { type Header, pack } from "tar-stream";
import type { ImageDataset } from "../../../datasets/dataset.ts";
import { openDataset } from "../../../datasets/openDataset.ts";
import { assertEqual, assertTrue } from "../../assert.ts";
import { mutants, mutate } from "../edits.ts";
import { fuzzReader } from "../reader.ts";

type Entry = Pick<Header, "name"> & Partial<Header>;

async function archive(entries: readonly [Entry, Uint8Array][]): Promise<Uint8Array> {
  const tar = pack(), chunks: Uint8Array[] = [];
  for (const [header, bytes] of entries) tar.entry(header, bytes);
  tar.finalize();
  for await (const chunk of tar as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** Two classes, two splits, an image each; one archive plain, one with folders, long names and a link. */
export async function archiveSamples(): Promise<Uint8Array[]> {
  const image = async (background: string) =>
    new Uint8Array(await sharp({ create: { width: 6, height: 4, channels: 3, background } }).png().toBuffer());
  const [red, blue] = [await image("red"), await image("blue")];
  const places = ["train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "val/dog/1.png"];
  const plain = places.map((name, i): [Entry, Uint8Array] => [{ name }, i % 2 ? red : blue]);
  const wrapped = plain.map(([{ name }, bytes]): [Entry, Uint8Array] => [{ name: `./a/${name}` }, bytes]);
  const odd: [Entry, Uint8Array][] = [
    [{ name: "a/", type: "directory" }, new Uint8Array()],
    [{ name: `a/train/cat/${"long ".repeat(40)}é.png` }, red],
    [{ name: "a/train/cat/link.png", type: "symlink", linkname: "/etc/passwd" }, new Uint8Array()],
    [{ name: "a/train/cat/same.png", type: "link", linkname: "a/train/cat/1.png" }, new Uint8Array()],
    [{ name: "a/train/cow", type: "symlink", linkname: "./dog/" }, new Uint8Array()],
    [{ name: "a/val/cow", type: "symlink", linkname: "../train/cow" }, new Uint8Array()],
    [{ name: "a/train/cow/2.png", pax: { path: "a/train/dog/é.png" } }, red],
  ];
  return [await archive(plain), await archive([...odd, ...wrapped])];
}

/** The images of the first archive in a .zip, one stored and one packed in each class; and Tiny-ImageNet's layout. */
export async function zipSamples(): Promise<Uint8Array[]> {
  const image = new Uint8Array(
    await sharp({ create: { width: 6, height: 4, channels: 3, background: "red" } }).png().toBuffer(),
  );
  const places = ["train/cat/1.png", "train/dog/1.png", "val/cat/1.png", "val/dog/1.png"];
  const plain: Zippable = Object.fromEntries(places.map((name, i) => [name, [image, { level: i % 2 ? 6 : 0 }]]));
  const lines = new TextEncoder().encode("0.png\tcat\t0\t0\t5\t3\n1.png\tdog\t0\t0\t5\t3\n");
  const tiny: Zippable = {
    "tiny/train/cat/images/0.png": image,
    "tiny/train/dog/images/0.png": image,
    "tiny/val/images/0.png": image,
    "tiny/val/images/1.png": image,
    "tiny/val/val_annotations.txt": [lines, { level: 0 }],
    "tiny/test/images/0.png": image,
  };
  return [zipSync(plain), zipSync(tiny)];
}

async function checkImages({ train, test, classes }: ImageDataset): Promise<void> {
  for (const { length, labels, load } of [train, test]) {
    assertEqual(labels.length, length);
    for (let i = 0; i < length; i++) {
      const { width, height, crop } = await load(i);
      assertTrue(labels[i] >= 0 && labels[i] < classes.length && width > 0 && height > 0, `image ${i} has no label`);
      assertEqual((await crop({ left: 0, top: 0, width, height }, 4)).length, 48);
    }
  }
}

/** Archives of images, changed before or after they are compressed. What is accepted must give all its images. */
export const archives = fuzzReader("archives", 4, async (folder) => {
  const tars = await archiveSamples(), gzipped = tars.map((tar) => new Uint8Array(gzipSync(tar)));
  const zips = await zipSamples();
  const form = fc.constantFrom("tar", "tar then gzip", "gzip", "zip");
  return {
    inputs: fc.record({ form, mutant: mutants(tars.length), skipBad: fc.boolean(), kept: fc.boolean() }),
    async read({ form, mutant, skipBad, kept }) {
      const bytes = mutate(form === "gzip" ? gzipped : form === "zip" ? zips : tars, mutant);
      const path = `${folder}/images.${form === "tar" || form === "zip" ? form : "tar.gz"}`,
        cacheFolder = `${folder}/cache`;
      await Deno.writeFile(path, form === "tar then gzip" ? gzipSync(bytes) : bytes);
      try {
        const budgetBytes = kept ? 2 ** 20 : 400; // 400 bytes hold the files, and not the pixels
        const dataset = await openDataset({ path, skipBad, cacheFolder, budgetBytes, notice: () => {} });
        await checkImages(dataset);
      } finally {
        await Deno.remove(cacheFolder, { recursive: true }).catch(() => {});
      }
    },
  };
});
