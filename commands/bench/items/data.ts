import { join } from "node:path";
import sharp from "sharp";
import { randomStream } from "../../../core/random/stream.ts";
import { proceduralDataset } from "../../../datasets/mod.ts";
import { openImageFolder } from "../../../datasets/imageFolder/openImageFolder.ts";
import type { ImageSplit } from "../../../datasets/dataset.ts";
import { type Batch, epochBatches, loadBatch } from "../../../training/batches.ts";
import { type Context, type Measured, pauseOf } from "../context.ts";
import { rateEntry, timeEntry } from "../entries.ts";
import { contestant, race } from "../race.ts";
import { batchOptions, Trainer } from "../trainer.ts";

/** Images on disk, at least; and their sides in pixels. */
const IMAGES = 64, SMALLEST = 256, LARGEST = 500;
/** Steps in one turn, at most. */
const STEPS = 6;

/** Decoding, cropping and flipping of JPEGs from a folder; and training steps that wait for it beside ones that do not. */
export async function measureData(context: Context): Promise<Measured> {
  const folder = await Deno.makeTempDir();
  try {
    await writeJpegs(folder, Math.max(IMAGES, 4 * context.settings.batch));
    // Nothing is kept decoded: every image is read and decoded at every turn, as with a large data set.
    const options = { budgetBytes: 0, cacheFolder: join(folder, "cache"), allowTrainOnly: true };
    const { train } = await openImageFolder(folder, options);
    return { entries: [...await loading(context, train), ...await training(context, train)] };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function loading(context: Context, split: ImageSplit) {
  const order = Int32Array.from({ length: IMAGES }, (_, k) => k), { quick } = context.settings;
  const once = contestant("ours", async () => void await loadBatch(split, order, batchOptions(IMAGES), 0, order));
  const [own] = await race([once], { warmup: 1, kept: quick ? 2 : 7 }, pauseOf(context));
  return [rateEntry("JPEGs decoded and cropped", own, undefined, IMAGES)];
}

/** Turns of steps with batches loaded meanwhile, and of as many on one batch that is there; the first is always there. */
async function training(context: Context, split: ImageSplit) {
  const { threads, batch, quick } = context.settings;
  using trainer = await Trainer.create(threads, batch, split);
  const ready = await trainer.ready(0, "cut");
  const steps = quick ? 2 : Math.min(STEPS, Math.floor(split.length / batch) - 1);
  const turn = (name: string, batches: () => AsyncGenerator<Batch>) => ({
    name,
    async once() {
      const source = batches();
      let next = await source.next();
      const start = performance.now();
      for (let k = 0; k < steps; k++) {
        await trainer.step(ready, next.value);
        next = await source.next();
      }
      const seconds = (performance.now() - start) / 1000 / steps;
      await source.return(undefined);
      return { seconds, parts: {} };
    },
  });
  let epoch = 0;
  const loaded = turn("ours", () => epochBatches(split, batchOptions(batch), epoch++, steps + 1));
  const there = turn("data ready", async function* () {
    for (;;) yield await Promise.resolve(trainer.batch);
  });
  const [own, other] = await race([loaded, there], { warmup: quick ? 0 : 1, kept: quick ? 2 : 4 }, pauseOf(context));
  ready.step.dispose();
  return [timeEntry("step with JPEGs loaded meanwhile", own, other)];
}

async function writeJpegs(folder: string, count: number): Promise<void> {
  const random = randomStream(0, "test"), side = () => SMALLEST + random.integer(LARGEST - SMALLEST + 1);
  const { train } = proceduralDataset({ seed: 0, train: count, test: 1, size: LARGEST });
  const inside = join(folder, "train", "drawn");
  await Deno.mkdir(inside, { recursive: true });
  for (let k = 0; k < count; k++) {
    const image = await train.load(k), { width, height } = image;
    const pixels = await image.crop({ left: 0, top: 0, width, height }, LARGEST);
    await sharp(pixels, { raw: { width: LARGEST, height: LARGEST, channels: 3 } })
      .resize(side(), side(), { fit: "fill" }).jpeg({ quality: 90 }).toFile(join(inside, `${k}.jpg`));
  }
}
