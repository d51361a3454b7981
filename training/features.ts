import { encoderSpecs, featureProgram, type Pool } from "../core/probes/features.ts";
import { Arena } from "../core/engine/arena.ts";
import type { VitConfig } from "../core/models/config.ts";
import { ALONE } from "../core/parallel/ranks.ts";
import type { ImageSplit } from "../datasets/dataset.ts";
import { overSplit } from "./overSplit.ts";
import type { Work } from "./work.ts";

/** Images of a pass of the encoder. */
const BATCH = 64;

/** Features of a split with their labels. */
export interface Features {
  /** [N, D] */
  values: Float32Array;
  /** [N] */
  labels: Int32Array;
  /** D */
  dim: number;
}

/** How features are taken. */
export interface FeatureOptions {
  model: VitConfig;
  pool: Pool;
  testCropRatio: number;
}

/** Features of a split by the encoder that a phase starts from, frozen; on every rank those of all images. */
export async function featuresOf(
  split: ImageSplit,
  { model, pool, testCropRatio }: FeatureOptions,
  { engine, monitor, from, ranks = ALONE }: Pick<Work, "engine" | "monitor" | "from" | "ranks">,
): Promise<Features> {
  const learned = from!.has("pos_embed"), specs = encoderSpecs(model, learned);
  const arena = new Arena(specs, 1), dim = model.embedDim;
  for (const { name } of specs) arena.view(name).set(from!.view(name));
  const values = new Float32Array(split.length * dim);
  const pass = { engine, model, arena, split, batch: BATCH, testCropRatio, monitor, ranks };
  const program = (size: number) => featureProgram(model, size, pool, learned);
  await overSplit(pass, program, "features", ({ features }, first, count) => {
    values.set(features.subarray(0, count * dim), first * dim);
  });
  await ranks.sum("the end of the features");
  await ranks.reduce(values); // exact: to each number the others add zeros
  return { values, labels: split.labels, dim };
}
