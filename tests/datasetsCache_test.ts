import { join } from "node:path";
import { createHash } from "node:crypto";
import { openDataset } from "../datasets/mod.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { record } from "./reliability/record.ts";
import { inFolder } from "./reportTools.ts";
import { writeImages } from "./commandTools.ts";

const sha256Of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function flipByte(path: string, at: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[at] ^= 1;
  await Deno.writeFile(path, bytes);
}

/** Opens a small folder of images; tells its hash, the pixels of every image, and the notices. */
async function open(folder: string) {
  const notices: string[] = [];
  const { sha256, train, test } = await openDataset({
    path: join(folder, "set"),
    cacheFolder: join(folder, "cache"),
    notice: (line) => notices.push(line),
  });
  const hashes: string[] = [];
  for (const split of [train, test]) {
    for (let i = 0; i < split.length; i++) {
      const image = await split.load(i);
      hashes.push(sha256Of(await image.crop({ left: 0, top: 0, width: 36, height: 36 }, 36)));
    }
  }
  return { sha256, hashes, notices };
}

const cached = (folder: string, ending: string) =>
  join(folder, "cache", [...Deno.readDirSync(join(folder, "cache"))].find(({ name }) => name.endsWith(ending))!.name);

Deno.test("openDataset() names a cached file with one flipped byte and both hashes, and decodes its images anew", () =>
  inFolder(async (folder) => {
    await writeImages(join(folder, "set"));
    const first = await open(folder), file = cached(folder, ".bin");
    assertEqual([first.hashes.length, first.notices.length], [24, 0]);
    const wanted = sha256Of(await Deno.readFile(file)), { size } = await Deno.stat(file);
    for (const at of [0, size >> 1, size - 1]) {
      await flipByte(file, at);
      const found = sha256Of(await Deno.readFile(file)), again = await open(folder);
      assertEqual(again.notices, [
        `Cannot use the cached images in ${file}: its SHA-256 is ${found}, want ${wanted}; they are decoded again`,
      ]);
      assertEqual([again.hashes, again.sha256], [first.hashes, first.sha256]);
      assertEqual((await open(folder)).notices, [], "the cache is whole again");
    }
  }));

Deno.test("openDataset() uses no cached header with a flipped byte, wherever it is", () =>
  inFolder(async (folder) => {
    await writeImages(join(folder, "set"));
    const first = await open(folder), file = cached(folder, ".json");
    const text = await Deno.readTextFile(file);
    for (const at of [2, 20, text.indexOf('"label":') + 8, text.indexOf('"pixels"') + 40, text.length - 1]) {
      await flipByte(file, at);
      const again = await open(folder);
      assertEqual(again.notices.length, 1, `byte ${at}`);
      assertTrue(again.notices[0].startsWith(`Cannot use the cached images in ${file}: `), again.notices[0]);
      assertEqual([again.hashes, again.sha256], [first.hashes, first.sha256]);
    }
  }));

Deno.test("openDataset() gives a folder with one flipped byte in an image another SHA-256", () =>
  inFolder(async (folder) => {
    await writeImages(join(folder, "set"));
    const first = await open(folder), image = join(folder, "set/train/dog/2.jpg");
    const { size } = await Deno.stat(image);
    await flipByte(image, size - 40); // in the compressed pixels: the image can still be decoded
    const second = await open(folder);
    assertTrue(second.sha256 !== first.sha256, "the SHA-256 changes");
    const changed = second.hashes.flatMap((hash, i) => hash === first.hashes[i] ? [] : [i]);
    assertEqual(changed, [6], "the changed image is decoded, not taken from the cache");
    await flipByte(image, size - 40);
    const third = await open(folder);
    assertEqual([third.sha256, third.hashes], [first.sha256, first.hashes]);
    // An image that is decoded when it is needed is compared with the hash it had when the folder was opened.
    const { train } = await openDataset({
      path: join(folder, "set"),
      cacheFolder: join(folder, "other"),
      budgetBytes: 0,
    });
    await train.load(6);
    await flipByte(image, size - 40);
    const found = sha256Of(await Deno.readFile(image));
    await assertRejects(async () => await train.load(6), `Cannot use ${image}: its SHA-256 is ${found}, want `);
    await record("datasetsCache", {
      promise:
        "Cached and original images are verified at every use; one flipped byte is named with both hashes and not used",
      how: "flipped bytes in cached pixels, in their header, in an original before and after it was opened",
      count: "10 flipped bytes",
    });
  }));

Deno.test("openDataset() uses no cached header that hashes itself and does not agree, and waits for no pipe", () =>
  inFolder(async (folder) => {
    await writeImages(join(folder, "set"));
    const first = await open(folder), file = cached(folder, ".json");
    const { header } = JSON.parse(await Deno.readTextFile(file));
    const poison = async (change: (header: Record<string, unknown>, image: Record<string, unknown>) => void) => {
      const copy = structuredClone(header);
      change(copy, copy.train[0]);
      await Deno.writeTextFile(file, JSON.stringify({ sha256: sha256Of(JSON.stringify(copy)), header: copy }));
      const { notices, hashes } = await open(folder);
      assertEqual(hashes, first.hashes);
      return notices.join();
    };
    const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");
    const cases: [words: string, change: Parameters<typeof poison>[0]][] = [
      ["has label 7, want one of", (_, image) => image.label = 7],
      ["its images have ", (_, image) => image.width = 4],
      ["train.0.label", (_, image) => image.label = "0"],
      ["classes", (all) => delete all.classes],
      ["pixels", (all) => all.pixels = 1e15],
    ];
    for (const [words, change] of cases) {
      const said = await poison(change);
      assertTrue(
        said.startsWith(`Cannot use the cached images in ${file}: `) && said.includes(words),
        `${words}: ${said}`,
      );
    }
    if (Deno.build.os === "windows") return;
    for (const ending of [".json", ".bin"]) {
      const path = cached(folder, ending);
      await Deno.remove(path);
      await new Deno.Command("mkfifo", { args: [path] }).output();
      const { notices, hashes } = await open(folder);
      assertEqual(hashes, first.hashes);
      assertTrue(notices[0].includes("it is a pipe, want a plain file"), notices.join());
      await Deno.remove(path);
      await open(folder);
    }
    await record("poisoned-cache", {
      promise: "A cache of images that hashes itself and does not agree is named, and the images are decoded again",
      how: "a label of no class, another size, a text for a number, a missing part, 1e15 bytes of pixels, pipes",
      count: "7 caches",
    });
  }));

Deno.test("six processes open one folder with one cache at once: the same images, no notice, one whole cache", () =>
  inFolder(async (folder) => {
    await writeImages(join(folder, "set"));
    const probe = new URL("openProbe.ts", import.meta.url).pathname, cache = join(folder, "cache");
    const outputs = await Promise.all(Array.from({ length: 6 }, async () => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", probe, join(folder, "set"), cache],
      }).output();
      return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
    }));
    assertTrue(/^[0-9a-f]{64} [0-9a-f]{64}\n$/.test(String(outputs[0][1])), String(outputs[0]));
    assertEqual(outputs, Array(6).fill([0, outputs[0][1], ""]));
    assertEqual([...Deno.readDirSync(cache)].map(({ name }) => name.replace(/^[0-9a-f]+/, "")).sort(), [
      ".bin",
      ".json",
    ]);
    assertEqual((await open(folder)).notices, []);
  }));
