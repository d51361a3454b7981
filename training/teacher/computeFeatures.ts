import { tokenCount } from "../../core/models/config.ts";
import { allTokens, gatherPatches } from "../../core/models/patches.ts";
import { teacherProgram } from "../../core/models/teacher.ts";
import { UserError } from "../../core/errors.ts";
import { toPlanar } from "../../datasets/transforms/normalize.ts";
import { breathe } from "../monitor.ts";
import type { Work } from "../work.ts";
import type { TeacherFeatures } from "./teacher.ts";

/** Images of a forward pass, at most. */
const BATCH = 32;

/** Some images that follow one another. */
interface Stretch {
  first: number;
  count: number;
}

/** Features of stretches of the training images, each image whole, squeezed to the teacher's square: [count, N, dim]. */
export async function* computeFeatures<S extends Stretch>(
  { model: { file, model, arena }, passed }: TeacherFeatures,
  stretches: readonly S[],
  { dataset: { train }, engine, monitor }: Pick<Work, "dataset" | "engine" | "monitor">,
): AsyncGenerator<{ shard: S; values: Float32Array }> {
  const { imageSize, embedDim } = model,
    tokens = tokenCount(model),
    each = tokens * embedDim,
    bytes = imageSize ** 2 * 3;
  const step = await engine.infer(teacherProgram(model, BATCH), arena), started = performance.now();
  const total = stretches.reduce((sum, { count }) => sum + count, 0);
  let done = 0;
  try {
    for (const shard of stretches) {
      const values = new Float32Array(shard.count * each);
      for (let first = 0; first < shard.count; first += BATCH) {
        await breathe(monitor);
        const count = Math.min(BATCH, shard.count - first), images = new Float32Array(BATCH * bytes);
        await Promise.all(Array.from({ length: count }, async (_, k) => {
          const image = await train.load(shard.first + first + k), { width, height } = image;
          const pixels = await image.crop({ left: 0, top: 0, width, height }, imageSize);
          toPlanar(pixels, images, k * bytes, model.mean, model.std);
        }));
        const { features } = await step.run({ patches: gatherPatches(images, model, allTokens(BATCH, tokens)) });
        values.set(features.subarray(0, count * each), first * each);
        passed?.(count);
        done += count;
        const imagesPerSecond = done * 1000 / (performance.now() - started);
        monitor.step({ phase: "features", done, total, epoch: 0, imagesPerSecond });
      }
      // Halves reach as far as 65504; what lies beyond is no feature of a sound model.
      const odd = values.find((value) => !(Math.abs(value) <= 65504));
      if (odd !== undefined) {
        throw new UserError(`Cannot use the teacher ${file}: a feature is ${odd}, want at most 65504`);
      }
      yield { shard, values };
    }
  } finally {
    step.dispose();
  }
}
