import { proceduralDataset } from "../datasets/mod.ts";
import { assertEqual, assertTrue } from "./assert.ts";
import { fitSoftmax } from "./softmaxRegression.ts";
import { allPixels, pixelsOf, shortHash } from "./splitPixels.ts";

Deno.test("proceduralDataset() draws pinned images", async () => {
  const { train, test, sha256, classes } = proceduralDataset({ seed: 7, train: 24, test: 12 });
  const hashes = await Promise.all([0, 1, 2, 3].map(async (index) => shortHash(await pixelsOf(train, index))));
  assertEqual(hashes, ["8fbc3be6f4ea3c7f", "d362b78a9751e2c4", "e818428306f8c100", "1f419f8405d2a499"]);
  assertEqual(shortHash(await pixelsOf(test, 0)), "49ddec3317731628");
  assertEqual(sha256.slice(0, 16), "204f6851bf98f0c7");
  assertEqual([classes.length, classes[0], classes[11]], [12, "disc-bars", "triangle-stripes"]);
});

Deno.test("proceduralDataset() depends on seed, split and index, and on nothing else", async () => {
  const a = proceduralDataset({ seed: 1, train: 100, test: 12 }),
    b = proceduralDataset({ seed: 2, train: 100, test: 12 });
  const longer = proceduralDataset({ seed: 1, train: 200, test: 12 });
  const images = [
    await pixelsOf(a.train, 0),
    await pixelsOf(b.train, 0),
    await pixelsOf(a.test, 0),
    await pixelsOf(a.train, 12),
  ];
  assertEqual(new Set(images.map(shortHash)).size, 4);
  assertEqual(await pixelsOf(longer.train, 99), await pixelsOf(a.train, 99));
  assertTrue(a.sha256 !== b.sha256 && a.sha256 !== longer.sha256, "another data set has another SHA-256");
  const counts = new Array(12).fill(0);
  a.train.labels.forEach((label) => counts[label]++);
  assertEqual(counts, [9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 8]);
  assertEqual((await proceduralDataset({ seed: 1, train: 12, test: 12, size: 32 }).train.load(0)).width, 32);
});

Deno.test("proceduralDataset() is out of reach of a linear model on raw pixels", async () => {
  const { train, test } = proceduralDataset({ seed: 0, train: 1200, test: 600 });
  const curve = fitSoftmax(await allPixels(train), train.labels, await allPixels(test), test.labels, 12, 5);
  const { trainAccuracy, testAccuracy } = curve[curve.length - 1];
  console.log(
    `linear model: training ${(100 * trainAccuracy).toFixed(1)} %, test ${(100 * testAccuracy).toFixed(1)} %`,
  );
  assertTrue(testAccuracy < 0.45, `test accuracy ${testAccuracy}`);
  // The model works: it beats chance (8.3 %, sd 1.1 % with 600 images) and fits its training images better and better.
  assertTrue(testAccuracy > 0.083 + 3 * 0.0113, `test accuracy ${testAccuracy}`);
  assertTrue(trainAccuracy > curve[0].trainAccuracy + 0.2, `training accuracy ${trainAccuracy}`);
});
