import fc from "fast-check";
import { createHash } from "node:crypto";
import { randomStream } from "../core/random/stream.ts";
import {
  centerCropBox,
  cutmix,
  cutmixBox,
  flipHorizontal,
  IMAGENET_MEAN,
  mixBatch,
  mixup,
  randAugment,
  randomErasing,
  randomResizedCropBox,
  resampleBicubic,
  softTargets,
  toPlanar,
} from "../datasets/transforms/mod.ts";
import { OPERATIONS } from "../datasets/transforms/randAugment/operations.ts";
import { affine, rotation } from "../datasets/transforms/randAugment/affine.ts";
import { brightness, color, contrast, sharpness } from "../datasets/transforms/randAugment/enhance.ts";
import {
  autoContrast,
  equalize,
  invert,
  posterize,
  solarize,
  solarizeAdd,
} from "../datasets/transforms/randAugment/tone.ts";
import { assertAlmostEqual, assertEqual, assertRejects, assertTrue } from "./assert.ts";

/** An image from a formula of column, row and channel; bytes wrap around. */
function image(width: number, height: number, value: (x: number, y: number, c: number) => number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    const pixel = Math.floor(i / 3);
    pixels[i] = value(pixel % width, Math.floor(pixel / width), i % 3);
  }
  return pixels;
}

const rough = (width: number, height: number) =>
  image(width, height, (x, y, c) => 3 * x * x + 5 * y * y + 7 * x * y * (c + 1) + 40 * c + 20 * ((x ^ y) & 3));
const smooth = image(24, 18, (x, y, c) => 40 + (5 * x + 3 * y + Math.floor(x * y * (c + 1) / 4) + 9 * c) % 170);
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);
const whole = (width: number, height: number) => ({ left: 0, top: 0, width, height });

// The hashes below are those of the bytes that Pillow 11.3.0 makes of the same images (crop, resize, ImageOps,
// ImageEnhance, transform and rotate, all with BICUBIC where there is a choice).

Deno.test("resampleBicubic() gives Pillow's bytes when it shrinks, grows and does both", () => {
  const pixels = rough(24, 18);
  const resize = (left: number, top: number, right: number, bottom: number, width: number, height: number) =>
    hash(resampleBicubic(pixels, 24, 18, { left, top, width: right - left, height: bottom - top }, width, height));
  assertEqual(resize(3, 2, 20, 15, 7, 5), "98687c2c829cbd01");
  assertEqual(resize(5, 4, 13, 12, 32, 32), "0a2620a2b78946bf");
  assertEqual(resize(0, 0, 24, 18, 30, 9), "5f3e66aa071bbce5");
  const red = resampleBicubic(smooth, 24, 18, whole(4, 2), 8, 4).filter((_, i) => i % 3 === 0);
  assertEqual([...red.subarray(0, 16)], [40, 41, 44, 46, 49, 51, 54, 55, 41, 42, 45, 47, 50, 52, 55, 56]);
});

Deno.test("resampleBicubic() returns the box itself at its own size", () => {
  const cut = resampleBicubic(rough(24, 18), 24, 18, { left: 2, top: 3, width: 16, height: 8 }, 16, 8);
  assertEqual(cut, image(16, 8, (x, y, c) => rough(24, 18)[((y + 3) * 24 + x + 2) * 3 + c]));
});

Deno.test("resampleBicubic() keeps a constant image constant", () => {
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(side, side, side, side, fc.integer({ min: 0, max: 255 }), (width, height, outW, outH, value) => {
      const pixels = new Uint8Array(width * height * 3).fill(value);
      return resampleBicubic(pixels, width, height, whole(width, height), outW, outH).every((v) => v === value);
    }),
    { seed: 1 },
  );
});

Deno.test("centerCropBox() gives the bytes of Pillow's resize of the shorter side and middle cut", () => {
  const evaluate = (width: number, height: number, size: number, ratio?: number) =>
    hash(resampleBicubic(rough(width, height), width, height, centerCropBox(width, height, size, ratio), size, size));
  assertEqual(evaluate(24, 18, 14), "704efb3f8659a62f");
  assertEqual(evaluate(24, 18, 28), "7430f334d9ac94bf");
  assertEqual(evaluate(24, 18, 12, 1), "e5fa2532b1218692");
  assertEqual(evaluate(18, 31, 14), "dfd95238868154cd");
  assertEqual(centerCropBox(32, 32, 64, 1), { ...whole(32, 32), resizeFirst: true });
});

Deno.test("randomResizedCropBox() stays inside the image and its ranges of area and aspect", () => {
  const side = fc.integer({ min: 1, max: 500 });
  fc.assert(
    fc.property(side, side, fc.nat(), (width, height, seed) => {
      const box = randomResizedCropBox(randomStream(seed, "test"), width, height);
      return box.left >= 0 && box.top >= 0 && box.width >= 1 && box.height >= 1 && box.left + box.width <= width &&
        box.top + box.height <= height && Object.values(box).every(Number.isInteger);
    }),
    { seed: 2 },
  );
  const random = randomStream(0, "test");
  const boxes = Array.from({ length: 4000 }, () => randomResizedCropBox(random, 400, 400));
  const areas = boxes.map((box) => box.width * box.height / 160000);
  const ratios = boxes.map((box) => Math.log(box.width / box.height));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value) / values.length;
  assertTrue(Math.min(...areas) > 0.198 && Math.max(...areas) <= 1, "area within 0.2 … 1, give or take rounding");
  assertTrue(Math.max(...ratios.map(Math.abs)) < Math.log(4 / 3) + 0.01, "aspect within 3/4 … 4/3");
  // A share s fits with probability p(s) = min(1, -ln s / ln(4/3)), so the mean is that of s under p on 0.2 … 1:
  // 0.3602 / 0.6690 = 0.5384. The standard deviation of a mean of 4000 draws is 0.0033.
  assertAlmostEqual(mean(areas), 0.5384, 0.0132, "mean area");
  assertAlmostEqual(mean(ratios), 0, 0.01, "mean log aspect");
});

Deno.test("randomResizedCropBox() falls back to the middle of an extreme image", () => {
  const random = () => randomStream(3, "test");
  assertEqual(randomResizedCropBox(random(), 1000, 10), { left: 493, top: 0, width: 13, height: 10 });
  assertEqual(randomResizedCropBox(random(), 9, 1000), { left: 0, top: 494, width: 9, height: 12 });
});

Deno.test("flipHorizontal() mirrors rows, and twice restores them", () => {
  const pixels = rough(5, 3), flipped = pixels.slice();
  flipHorizontal(flipped, 5);
  assertEqual(flipped, image(5, 3, (x, y, c) => pixels[(y * 5 + 4 - x) * 3 + c]));
  flipHorizontal(flipped, 5);
  assertEqual(flipped, pixels);
});

Deno.test("toPlanar() writes normalised channels one after another", () => {
  const out = new Float32Array(2 * 3 * 2).fill(7);
  toPlanar(Uint8Array.of(0, 128, 255, 255, 0, 64), out, 6);
  assertEqual([...out.subarray(0, 6)], [7, 7, 7, 7, 7, 7]);
  const wanted = [-0.485 / 0.229, 0.515 / 0.229, (128 / 255 - 0.456) / 0.224, -0.456 / 0.224, 0.594 / 0.225];
  // float32 of values about 2: half a unit in the last place is 1.2e-7, three roundings
  wanted.forEach((value, i) => assertAlmostEqual(out[6 + i], value, 5e-7, `value ${i}`));
  assertAlmostEqual(out[11], (64 / 255 - 0.406) / 0.225, 5e-7);
});

Deno.test("softTargets() smooths labels as timm does and mixes them with the reversed batch", () => {
  const targets = softTargets(Int32Array.of(0, 1, 1, 3), 4, 0.1, 0.75);
  const off = 0.025, full = 0.925; // s/C and 1 - s + s/C
  const wanted = [0.75 * full + 0.25 * off, off, off, 0.25 * full + 0.75 * off, off, full, off, off];
  wanted.forEach((value, i) => assertAlmostEqual(targets[i], value, 1e-7, `target ${i}`)); // float32
  assertEqual([...softTargets(Int32Array.of(2, 0), 3, 0)], [0, 0, 1, 1, 0, 0]);
});

Deno.test("mixup() blends each image with its partner in the reversed batch", () => {
  const images = Float32Array.of(0, 4, 10, 20, 100, 200);
  mixup(images, 3, 0.75);
  assertEqual([...images], [25, 53, 10, 20, 75, 151]);
});

Deno.test("cutmixBox() corrects lam to the share outside the rectangle", () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.nat(), unit, (seed, lam) => {
      const { box, lam: corrected } = cutmixBox(randomStream(seed, "test"), 24, 32, lam);
      const area = (box.bottom - box.top) * (box.right - box.left);
      const inside = box.top >= 0 && box.left >= 0 && box.bottom <= 24 && box.right <= 32;
      return inside && Math.abs(corrected - (1 - area / 768)) < 1e-12 && area <= (1 - lam) * 768 + 1e-9;
    }),
    { seed: 3 },
  );
});

Deno.test("cutmix() exchanges exactly the rectangle", () => {
  const shape = [2, 3, 4, 5] as const, size = 60;
  const images = Float32Array.from({ length: 2 * size }, (_, i) => i), before = images.slice();
  cutmix(images, shape, { top: 1, bottom: 3, left: 2, right: 5 });
  for (let i = 0; i < size; i++) {
    const y = Math.floor(i / 5) % 4, x = i % 5, swapped = y >= 1 && y < 3 && x >= 2;
    assertEqual(images[i], before[swapped ? i + size : i]);
    assertEqual(images[i + size], before[swapped ? i : i + size]);
  }
});

Deno.test("mixBatch() draws mixup and CutMix half of the time each and mixes images as it mixes targets", () => {
  const labels = Int32Array.of(0, 1), shape = [2, 1, 8, 8] as const;
  const seen = { none: 0, mixup: 0, cutmix: 0 };
  let lamMixup = 0;
  for (let step = 0; step < 600; step++) {
    // Image 0 is all 0 and image 1 all 1, so an image's mean is its share of label 1.
    const images = new Float32Array(128).fill(1, 64), random = randomStream(0, "mixup", step);
    const options = { mixupAlpha: 0.8, cutmixAlpha: 1, labelSmoothing: 0 };
    const { targets, lam, method } = mixBatch(random, images, shape, labels, 2, options);
    seen[method]++;
    if (method === "mixup") lamMixup += lam;
    const mean = images.subarray(0, 64).reduce((sum, value) => sum + value) / 64;
    assertAlmostEqual(targets[1], mean, 1e-6, "share of the other label"); // 64 float32 summands
    assertAlmostEqual(targets[0] + targets[1], 1, 1e-6, "sum of targets");
  }
  assertEqual(seen.none, 0);
  assertAlmostEqual(seen.mixup, 300, 50, "mixup draws"); // 4 standard deviations of Binomial(600, 1/2)
  assertAlmostEqual(lamMixup / seen.mixup, 0.5, 0.075, "mean lam"); // sd of Beta(.8, .8) is 0.31: 4 sd of the mean
});

Deno.test("mixBatch() leaves the batch alone when off, and refuses an odd batch", async () => {
  const images = Float32Array.from({ length: 8 }, (_, i) => i), labels = Int32Array.of(0, 1);
  const off = { mixupAlpha: 0, cutmixAlpha: 0, labelSmoothing: 0.1 };
  const { targets, lam, method } = mixBatch(randomStream(0, "mixup"), images, [2, 1, 2, 2], labels, 2, off);
  assertEqual({ lam, method }, { lam: 1, method: "none" });
  assertEqual([...images], [0, 1, 2, 3, 4, 5, 6, 7]);
  assertAlmostEqual(targets[0], 0.95, 1e-7);
  const odd = () =>
    mixBatch(randomStream(0, "mixup"), images, [1, 1, 2, 4], Int32Array.of(0), 2, {
      ...off,
      mixupAlpha: 1,
    });
  await assertRejects(odd, "Cannot mix a batch of 1 images");
});

Deno.test("randomErasing() fills one rectangle of an allowed area and aspect with normal noise", () => {
  let erased = 0, sum = 0, squares = 0, count = 0;
  for (let i = 0; i < 200; i++) {
    const picture = new Float32Array(3 * 32 * 40).fill(9);
    randomErasing(randomStream(0, "augment", i), picture, 32, 40, { prob: 0.25 });
    const touched = [...picture.keys()].filter((k) => picture[k] !== 9);
    if (touched.length === 0) continue;
    erased++;
    const xs = touched.map((k) => k % 40), ys = touched.map((k) => Math.floor(k / 40) % 32);
    const w = Math.max(...xs) - Math.min(...xs) + 1, h = Math.max(...ys) - Math.min(...ys) + 1;
    assertEqual(touched.length, 3 * w * h);
    // Sides are rounded to whole pixels, at least 5 x 2 for area 0.02: up to a half pixel on each side.
    assertTrue(w * h > 0.012 * 1280 && w * h < 0.36 * 1280, `area ${w * h}`);
    assertTrue(h / w > 0.22 && h / w < 4.5, `aspect ${h / w}`);
    for (const k of touched) {
      sum += picture[k];
      squares += picture[k] ** 2;
      count++;
    }
  }
  assertAlmostEqual(erased, 50, 25, "erased images"); // 4 standard deviations of Binomial(200, 1/4)
  assertAlmostEqual(sum / count, 0, 5 / Math.sqrt(count), "mean of the noise");
  assertAlmostEqual(squares / count, 1, 8 / Math.sqrt(count), "variance of the noise"); // sd of x^2 is sqrt(2)
});

Deno.test("autoContrast(), equalize(), invert(), posterize(), solarize() and solarizeAdd() give Pillow's bytes", () => {
  const results = (pixels: Uint8Array) =>
    [
      autoContrast(pixels),
      equalize(pixels),
      invert(pixels),
      posterize(pixels, 1),
      solarize(pixels, 26),
      solarizeAdd(pixels, 99),
    ].map(hash);
  assertEqual(results(rough(24, 18)), [
    "8f212ce98f6481cc",
    "80f4dfaf33cf5219",
    "8befe39a9a27c7a5",
    "3b1b2364f744f944",
    "ba15f32fa4fa58fe",
    "7102d43a534ece45",
  ]);
  assertEqual(results(smooth), [
    "7145090f97861716",
    "cb298796404baafb",
    "efdfe90797792e0e",
    "f41240d09e56a69c",
    "efdfe90797792e0e",
    "26a3f72336867e91",
  ]);
  assertEqual(hash(equalize(rough(64, 64))), "26d506a287971ef0");
});

Deno.test("color(), contrast(), brightness() and sharpness() give Pillow's bytes", () => {
  const results = (pixels: Uint8Array, factor: number) =>
    [
      color(pixels, factor),
      contrast(pixels, factor),
      brightness(pixels, factor),
      sharpness(pixels, factor, 24),
    ].map(hash);
  assertEqual(results(smooth, 0.19), ["136505e7f98fed5b", "821a616b811e4131", "250c2df0e653ce95", "0411fc621f1c5c2a"]);
  assertEqual(results(smooth, 1.81), ["d97158edbce06d0c", "f33ce1e1a72aa3ff", "eba113157e4430c9", "a519802def94b29a"]);
  const pixels = rough(24, 18);
  assertEqual(results(pixels, 0.19), ["6695066a9d783a16", "d9ee48de2b2e8b38", "1734bf3b8313d292", "578c6783fd0371f3"]);
  assertEqual(results(pixels, 1.81), ["fa0a4064ccbb4340", "715a31bee724ea30", "f40024ce840a58ef", "45a06e3c3cf21742"]);
});

Deno.test("affine() gives Pillow's bytes for rotation, shear and translation", () => {
  const fill = [124, 116, 104], pixels = rough(24, 18);
  const bend = (...matrix: [number, number, number, number, number, number]) =>
    hash(affine(pixels, 24, 18, matrix, fill));
  assertEqual(hash(affine(pixels, 24, 18, rotation(27, 24, 18), fill)), "b3b7ddca09f9b0ee");
  assertEqual(hash(affine(pixels, 24, 18, rotation(-13.5, 24, 18), fill)), "ef5b7b39850b12fc");
  assertEqual(bend(1, -0.27, 0, 0, 1, 0), "21072ff4bc0fc05b");
  assertEqual(bend(1, 0, 0, 0.27, 1, 0), "7c9f618a68c9d113");
  assertEqual(bend(1, 0, 0.405 * 24, 0, 1, 0), "ef517f5a1805132d");
  assertEqual(bend(1, 0, 0, 0, 1, -0.405 * 18), "f61157a84a8ac437");
});

Deno.test("OPERATIONS are timm's fifteen, and each changes a rough image at level 0.9", () => {
  const pixels = rough(24, 18), random = randomStream(0, "test");
  const changed = Object.entries(OPERATIONS).filter(([, operation]) =>
    hash(operation({ pixels, width: 24, height: 18 }, 0.9, random, [0, 0, 0])) !== hash(pixels)
  );
  assertEqual(changed.length, 15);
  assertEqual(Object.keys(OPERATIONS).length, 15);
  const bits = OPERATIONS.PosterizeIncreasing({ pixels, width: 24, height: 18 }, 0.9, random, []);
  assertEqual([...new Set(bits)].sort(), [0, 128]); // 4 - trunc(3.6) = 1 bit
});

Deno.test("randAugment() fills with the mean colour, repeats itself, and does nothing at probability 0", () => {
  const pixels = smooth.slice(), fill = IMAGENET_MEAN.map((mean) => Math.round(255 * mean)).join();
  const augment = (index: number, prob?: number) =>
    randAugment(randomStream(0, "augment", 0, index), pixels, 24, 18, { prob });
  assertEqual(augment(1, 0), smooth);
  const results = Array.from({ length: 200 }, (_, index) => augment(index));
  assertEqual(results.map(hash), Array.from({ length: 200 }, (_, index) => hash(augment(index))));
  assertEqual(pixels, smooth);
  const unchanged = results.filter((result) => hash(result) === hash(smooth)).length;
  // Neither operation applied: 1/4 of 200, and 4 standard deviations; a few operations may also do nothing.
  assertAlmostEqual(unchanged, 50, 27, "unchanged images");
  const filled = results.filter((result) => [...result.subarray(0, 3)].join() === fill).length;
  assertTrue(filled >= 10, `top left corner filled ${filled} times`);
  assertEqual(hash(Uint8Array.from(results.flatMap((result) => [...result]))), "5ec0a2e3c96de8e3");
});
