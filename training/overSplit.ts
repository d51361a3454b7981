import type { Arena } from "../core/engine/arena.ts";
import type { Engine } from "../core/engine/engine.ts";
import type { Outputs, Program } from "../core/engine/program.ts";
import { tokenCount, type VitConfig } from "../core/models/config.ts";
import { allTokens, gatherPatches } from "../core/models/patches.ts";
import { ALONE, type Ranks } from "../core/parallel/ranks.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import { centerCropBox } from "../datasets/transforms/centerCrop.ts";
import { toPlanar } from "../datasets/transforms/normalize.ts";
import { breathe, type Monitor, type StepReport } from "./monitor.ts";

/** What is looked at, and how images are cropped. */
export interface SplitPass {
  engine: Engine;
  model: VitConfig;
  arena: Arena;
  split: ImageSplit;
  /** Images of a pass, at most. */
  batch: number;
  testCropRatio: number;
  monitor: Monitor;
  /** The processes that share the images; this one alone unless given. */
  ranks?: Ranks;
}

/**
 * Runs a program with the input `patches` over a whole split, every image centre-cropped.
 *
 * Ranks share the batches: an image is in the same batch as in one process. Each rank sees its own batches only.
 *
 * @param program of so many images
 * @param phase what the monitor is told
 * @param each is given a batch's outputs, its first image and how many images count
 */
export async function overSplit(
  { engine, model, arena, split, monitor, testCropRatio, ranks = ALONE, ...options }: SplitPass,
  program: (batch: number) => Program,
  phase: StepReport["phase"],
  each: (outputs: Outputs, first: number, count: number) => void,
): Promise<void> {
  const { imageSize } = model, batch = Math.min(options.batch, split.length), length = imageSize * imageSize * 3;
  const step = await engine.infer(program(batch), arena);
  const started = performance.now(), batches = Math.ceil(split.length / batch);
  const [start, end] = [ranks.rank, ranks.rank + 1].map((rank) => Math.floor(batches * rank / ranks.size));
  try {
    for (let first = start * batch; first < Math.min(end * batch, split.length); first += batch) {
      await breathe(monitor);
      const images = new Float32Array(batch * length), count = Math.min(batch, split.length - first);
      await Promise.all(Array.from({ length: count }, async (_, i) => {
        const image = await split.load(first + i);
        const box = centerCropBox(image.width, image.height, imageSize, testCropRatio);
        toPlanar(await image.crop(box, imageSize), images, i * length);
      }));
      const patches = gatherPatches(images, model, allTokens(batch, tokenCount(model)));
      each(await step.run({ patches }), first, count);
      const done = first + count - start * batch;
      const imagesPerSecond = ranks.size * done * 1000 / (performance.now() - started);
      monitor.step({ phase, done, total: (end - start) * batch, epoch: 0, imagesPerSecond });
    }
  } finally {
    step.dispose();
  }
}
