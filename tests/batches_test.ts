import { type BatchOptions, consecutive, epochBatches, iterationsPerEpoch, loadBatch } from "../training/batches.ts";
import { assertEqual, assertRejects, assertTrue } from "./assert.ts";
import { images, pretrain, pretrainConfig, WatchedEngine } from "./trainingTools.ts";

const options: BatchOptions = { seed: 7, batch: 6, imageSize: 32, cropScale: [0.2, 1], kind: "pretrain" };
const order = Int32Array.from({ length: 24 }, (_, i) => (5 * i) % 24);
const LENGTH = 32 * 32 * 3;

Deno.test("loadBatch() gives an image the same crop in whatever batch it comes", async () => {
  const whole = await loadBatch(images.train, order, options, 2, consecutive(6, 6));
  const parts = [6, 8, 10].map((first) => loadBatch(images.train, order, options, 2, consecutive(first, 2)));
  const pixels = (await Promise.all(parts)).flatMap((batch) => [...batch.pixels]);
  assertEqual(pixels.length, whole.pixels.length);
  assertTrue(pixels.every((value, i) => value === whole.pixels[i]), "the crops differ");
  assertEqual([...whole.labels], [6, 11, 16, 21, 2, 7].map((index) => images.train.labels[index]));
});

Deno.test("loadBatch() crops anew in every epoch, place, phase and seed", async () => {
  const image = async (changed: Partial<BatchOptions>, epoch = 0, first = 0) => {
    // The same image at every place.
    const batch = await loadBatch(
      images.train,
      new Int32Array(24),
      { ...options, ...changed },
      epoch,
      Int32Array.of(first),
    );
    assertEqual(batch.pixels.length, LENGTH);
    return batch.pixels.join();
  };
  const different = [
    await image({}),
    await image({}, 1),
    await image({}, 0, 1),
    await image({ kind: "finetune" }),
    await image({ seed: 8 }),
  ];
  assertEqual(new Set(different).size, 5);
  assertEqual(await image({}), different[0]);
});

Deno.test("loadBatch() flips about half of the images", async () => {
  // A crop of the whole image is the image or its mirror image.
  const { pixels } = await loadBatch(
    images.train,
    new Int32Array(24),
    { ...options, cropScale: [1, 1] },
    0,
    consecutive(0, 24),
  );
  const kinds = Array.from({ length: 24 }, (_, i) => pixels.slice(i * LENGTH, (i + 1) * LENGTH).join());
  const counts = [...new Set(kinds)].map((kind) => kinds.filter((other) => other === kind).length);
  assertEqual(counts.length, 2);
  // Of 24 fair coins fewer than 4 fall on one side in 1 of 3,700 seeds.
  assertTrue(Math.min(...counts) >= 4, `${counts}`);
});

Deno.test("epochBatches() visits every image once, in another order every epoch", async () => {
  const visit = async (epoch: number, ahead?: number) => {
    const labels: number[] = [], firsts: number[] = [];
    const split = { ...images.train, labels: Int32Array.from({ length: 24 }, (_, i) => i) };
    for await (const batch of epochBatches(split, options, epoch, 4, ahead)) {
      labels.push(...batch.labels);
      firsts.push(batch.places[0]);
    }
    assertEqual(firsts, [0, 6, 12, 18]);
    return labels;
  };
  const first = await visit(0), second = await visit(1);
  assertEqual(first.toSorted((a, b) => a - b), Array.from({ length: 24 }, (_, i) => i));
  assertEqual(second.toSorted((a, b) => a - b), first.toSorted((a, b) => a - b));
  assertTrue(first.join() !== second.join(), "the order stays");
  assertEqual(await visit(1, 0), second);
});

Deno.test("epochBatches() gives several crops of an image side by side, each a crop of its own", async () => {
  const split = { ...images.train, labels: Int32Array.from({ length: 24 }, (_, i) => i) }, count = 8;
  const seen: number[] = [];
  assertEqual(iterationsPerEpoch(24, 6, 1, 2), count);
  for await (const { crops, labels } of epochBatches(split, { ...options, cropsPerImage: 2 }, 0, count)) {
    assertEqual(crops.map(({ index }) => index), [...labels]);
    for (let i = 0; i < 6; i += 2) {
      assertEqual(labels[i], labels[i + 1]);
      assertTrue(JSON.stringify(crops[i].box) !== JSON.stringify(crops[i + 1].box), "the same crop twice");
      seen.push(labels[i]);
    }
  }
  assertEqual(seen.toSorted((a, b) => a - b), Array.from({ length: 24 }, (_, i) => i));
  await assertRejects(
    () => iterationsPerEpoch(24, 50, 1, 2),
    /^Cannot fill a batch of 50 images: the training set has 24, each of them 2 times$/,
  );
});

Deno.test("epochBatches() reports a broken image when its batch comes", async () => {
  const split = {
    ...images.train,
    load(index: number) {
      if (index === 3) throw new RangeError("image 3 is broken");
      return images.train.load(index);
    },
  };
  const read = async () => {
    for await (const { labels } of epochBatches(split, { ...options, batch: 1 }, 0, 24)) assertEqual(labels.length, 1);
  };
  await assertRejects(read, "image 3 is broken");
});

Deno.test("pretrain() feeds masks that depend on seed, epoch and place alone", async () => {
  const masks = async (batch: number, accumulation: number, seed = 3) => {
    const engine = new WatchedEngine();
    await pretrain(pretrainConfig({ epochs: 2, batch, accumulation }, { t0: 1 }), { engine, seed });
    return engine.feeds.flatMap(({ visible }) => [...visible]);
  };
  const [whole, parts] = [await masks(4, 1), await masks(2, 2)], visible = 4;
  assertEqual(parts, whole);
  assertEqual(whole.length, 2 * 24 * visible);
  const perImage = Array.from({ length: 48 }, (_, i) => whole.slice(i * visible, (i + 1) * visible).join());
  // 43,680 ordered choices of 4 of 16 tokens: two of 48 alike are rare (1 in 40).
  assertTrue(new Set(perImage).size >= 47, "masks repeat");
  assertTrue((await masks(4, 1, 4)).join() !== whole.join(), "another seed, the same masks");
});

Deno.test("iterationsPerEpoch() leaves the rest out, and says what a batch lacks", async () => {
  assertEqual([iterationsPerEpoch(24, 5, 1), iterationsPerEpoch(24, 4, 3), iterationsPerEpoch(24, 24, 1)], [4, 2, 1]);
  await assertRejects(
    () => iterationsPerEpoch(24, 25, 1),
    /^Cannot fill a batch of 25 images: the training set has 24$/,
  );
  await assertRejects(
    () => iterationsPerEpoch(24, 13, 2),
    /^Cannot fill a batch of 13 x 2 accumulated images: the training set has 24$/,
  );
});
