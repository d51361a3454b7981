import sharp from "sharp";
import { join } from "node:path";
import { assertEqual, assertTrue } from "./assert.ts";

/** What an example prints, line by line; with no permission but those of its own header. */
async function run(name: string, ...args: string[]): Promise<string[]> {
  const path = new URL(`../examples/${name}.ts`, import.meta.url).pathname;
  const header = /^\/\/ {3}deno run (.*)examples/m.exec(await Deno.readTextFile(path))!;
  const flags = header[1].split(" ").filter(Boolean);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", ...flags, path, ...args],
  }).output();
  assertTrue(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

/** Stripes of 8 pixels, vertical ones or others, as a PNG. */
async function stripes(path: string, size: number, vertical: boolean, shift: number): Promise<void> {
  const bytes = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3), place = vertical ? pixel % size : Math.floor(pixel / size);
    return (place + shift) % 8 < 4 ? 20 : 200;
  });
  await Deno.writeFile(path, await sharp(bytes, { raw: { width: size, height: size, channels: 3 } }).png().toBuffer());
}

Deno.test("examples/schedule.ts prints when the layers of ViT-B freeze, with no permission", async () => {
  const lines = await run("schedule");
  assertEqual(lines.length, 13);
  assertEqual(lines[4], "layer 4: freezes at 68.6, rate x 1.5362"); // thesis 3.4
});

Deno.test("examples/hog.ts finds vertical edges in vertical stripes", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await stripes(join(folder, "a.png"), 64, true, 0);
    const lines = await run("hog", join(folder, "a.png"));
    assertEqual(lines[1], "cells of 8: 8 x 8, most edges at 90 degrees");
    assertEqual(lines.length, 4);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("examples/pretrain.ts trains on a folder, and examples/features.ts reads what it leaves", async () => {
  const folder = await Deno.makeTempDir(), out = join(folder, "vit.safetensors"), images = join(folder, "images");
  try {
    for (const [split, count] of [["train", 8], ["test", 2]] as const) {
      for (const kind of ["across", "down"]) {
        await Deno.mkdir(join(images, split, kind), { recursive: true });
        for (let k = 0; k < count; k++) {
          await stripes(join(images, split, kind, `${k}.png`), 32, kind === "down", split === "train" ? k : 0);
        }
      }
    }
    const [steps, loss] = await run("pretrain", images, "2", out);
    assertEqual(steps, "16 images, 2 steps an epoch");
    const losses = loss.replace("loss ", "").split(", ").map(Number);
    assertTrue(losses.length === 2 && losses[1] < losses[0], loss);
    const [sizes, ...nearest] = await run("features", out, images);
    assertEqual(sizes, "4 images, 48 numbers each");
    assertEqual(nearest.map((line) => Number(line.split(" ").at(-1))), [1, 0, 3, 2]); // each picture is there twice
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("examples/experiment.ts compares three settings, of which the last never freezes", async () => {
  const lines = await run("experiment", "2");
  assertEqual(lines.length, 3);
  assertTrue(lines[0].startsWith("t0 0.5: layer 0 freezes at 0.43, last loss "), lines[0]); // 0.1 of warm-up, and 0.5^3 of the rest: 0.425 of 2
  assertTrue(lines[2].startsWith("t0 1: layer 0 freezes at never, last loss "), lines[2]);
});
