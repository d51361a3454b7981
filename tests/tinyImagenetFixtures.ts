import { type Zippable, zipSync } from "fflate";
import sharp from "sharp";
import type { Files } from "./cifarFixtures.ts";

const text = new TextEncoder();

/** An 8 x 8 JPEG of one colour; another number gives another one. */
export async function square(number: number): Promise<Uint8Array> {
  const background = { r: number * 37 % 256, g: number * 101 % 256, b: number * 59 % 256 };
  return new Uint8Array(await sharp({ create: { width: 8, height: 8, channels: 3, background } }).jpeg().toBuffer());
}

/** The classes of the made-up Tiny-ImageNet. */
export const WNIDS = ["n01443537", "n01629819", "n01641577"];

/** The class of image `index` of val/: each class has two, and none lies beside its like. */
export const valLabel = (index: number) => WNIDS[(index * 2 + 1) % 3];

/** Tiny-ImageNet in its published layout, but of three classes: 4 training images and 2 of val/ each, 5 of test/. */
export async function tinyFiles(top = "tiny-imagenet-200/"): Promise<Files> {
  const files: Files = {}, lines: string[] = [];
  for (const [label, wnid] of WNIDS.entries()) {
    for (let i = 0; i < 4; i++) files[`${top}train/${wnid}/images/${wnid}_${i}.JPEG`] = await square(label * 10 + i);
    files[`${top}train/${wnid}/${wnid}_boxes.txt`] = text.encode(`${wnid}_0.JPEG\t0\t0\t7\t7\n`);
  }
  for (let i = 0; i < 6; i++) {
    files[`${top}val/images/val_${i}.JPEG`] = await square(100 + i);
    lines.push(`val_${i}.JPEG\t${valLabel(i)}\t0\t32\t44\t62`);
  }
  for (let i = 0; i < 5; i++) files[`${top}test/images/test_${i}.JPEG`] = await square(200 + i);
  files[`${top}val/val_annotations.txt`] = text.encode(`${lines.join("\n")}\n`);
  files[`${top}wnids.txt`] = text.encode(`${WNIDS.toReversed().join("\n")}\n`);
  files[`${top}words.txt`] = text.encode(`${WNIDS[0]}\tgoldfish, Carassius auratus\n`);
  return files;
}

/** A .zip of files; every other one is stored, the rest is deflated. */
export function zipOf(files: Files): Uint8Array {
  const entries = Object.entries(files).map(([path, bytes], i) => [path, [bytes, { level: i % 2 ? 6 : 0 }]]);
  return zipSync(Object.fromEntries(entries) as Zippable);
}
