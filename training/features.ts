import { encoderSpecs, featureProgram, type Pool } from "../core/probes/features.ts";
import { Arena } from "../core/engine/arena.ts";
import { classifierParameters, sourceOf } from "../core/models/classifier.ts";
import type { EncoderConfig } from "../core/models/config.ts";
import { initialize } from "../core/models/init.ts";
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
  model: EncoderConfig;
  pool: Pool;
  testCropRatio: number;
}

/** Random weights, those from which fine-tuning from scratch starts. */
function randomEncoder(model: EncoderConfig, seed: number): Arena {
  const parameters = classifierParameters({ ...model, numClasses: 1 }), arena = new Arena(parameters, 1);
  initialize(arena, parameters, seed);
  return arena;
}

/**
 * Features of a split by the encoder that a phase starts from, frozen, or by random weights where it starts from none; on every
 * rank those of all images.
 */
export async function featuresOf(
  split: ImageSplit,
  { model, pool, testCropRatio }: FeatureOptions,
  { engine, monitor, seed, from, ranks = ALONE }: Pick<Work, "engine" | "monitor" | "seed" | "from" | "ranks">,
): Promise<Features> {
  const learned = from?.has("pos_embed") ?? false, source = from ?? randomEncoder(model, seed);
  const specs = encoderSpecs(model, learned), arena = new Arena(specs, 1), dim = model.embedDim;
  for (const { name } of specs) {
    arena.view(name).set(source.view(sourceOf(name, (own) => source.has(own))));
  }
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
