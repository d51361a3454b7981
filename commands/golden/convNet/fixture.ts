import { UserError } from "../../../core/errors.ts";
import { type ChosenNet, convNetOf } from "../../../core/models/convnet/mod.ts";
import type { OptimizerConfig } from "../../../core/optim/createOptimizer.ts";
import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import type { FreezeOutSchedule } from "../../../core/schedules/freezeOut.ts";

/** What the metadata say of a net and of how it was trained; what is left out has the default of the released code. */
export interface FixtureConfig {
  family: string;
  classes: number;
  depth?: number;
  widen?: number;
  growth?: number;
  bottleneck?: boolean;
  block?: string;
  blocks?: number[];
  widths?: number[];
  stem?: number;
  base_width?: number;
  layers?: (number | "M")[];
  head?: number;
  t0?: number;
  how_scale?: string;
  scale_lr?: boolean;
  epochs?: number;
  /** Iterations of an epoch as the schedule counts them. */
  length?: number;
  /** Whether VGG's missing increment was added. */
  fix_counter?: boolean;
  /** Images of a validation batch. */
  eval_batch?: number;
  opt?: string;
  lr?: number;
  wd?: number;
}

/** Learning rate, weight decay and counted iterations an epoch where a fixture does not say. */
const RELEASED = { lr: 0.1, wd: 1e-4, length: 1000 };
const POWERS: Readonly<Record<string, number>> = { linear: 1, squared: 2, cubic: 3 };

/**
 * JSON in a file's metadata.
 *
 * @throws {UserError} when there is none
 */
export function metadataOf<T>(file: SafetensorsFile, key: string): T {
  try {
    return JSON.parse(file.metadata[key]);
  } catch {
    throw new UserError(
      `Cannot check ${file.name}: its metadata ${key} is ${file.metadata[key] ?? "missing"}, want JSON`,
    );
  }
}

/** Float32 values of a tensor. */
export function floats(file: SafetensorsFile, key: string): Float32Array {
  return getTensor(file, key, Float32Array).data;
}

/** Rows that have a single 1, [labels, classes]. */
export function oneHot(labels: ArrayLike<number>, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  for (let i = 0; i < labels.length; i++) targets[i * classes + labels[i]] = 1;
  return targets;
}

/** The dropout masks of a step or an iteration, where the net has any. */
export function keepOf(file: SafetensorsFile, step: number): { keep?: Float32Array } {
  const key = "dropout_keep";
  if (!file.tensors.has(key)) return {};
  const { shape: [steps], data } = getTensor<Float32Array | Uint8Array>(file, key, Float32Array, Uint8Array);
  const size = data.length / steps;
  return { keep: Float32Array.from(data.subarray(step * size, (step + 1) * size)) };
}

/** The net that a fixture was computed with; FreezeOut's DenseNet rounds units down where the depth does not tell them. */
export function netOf(config: FixtureConfig, imageSize: number): ChosenNet {
  const { family: name, classes: numClasses, depth, widen, growth, bottleneck = true, layers, head } = config;
  const { block, blocks, widths, stem = widths?.[0], base_width: baseWidth = 64 } = config;
  const keys: Record<string, Record<string, unknown>> = {
    wrn: { depth, widen },
    resnet: { block, blocks, widths, stem, baseWidth },
    densenet: { depth: depth && depth - (depth - 4) % (bottleneck ? 6 : 3), growth, bottleneck },
    vgg: { layers, head },
  };
  return convNetOf({ name, imageSize, numClasses, ...keys[name] });
}

/** The schedule that a fixture was computed with; VGG's counter stands still unless it was repaired. */
export function scheduleOf(config: FixtureConfig, layers: number, iterations: number): FreezeOutSchedule {
  const { family, t0 = 1, how_scale = "cubic", scale_lr = true, epochs = 1, lr, length, fix_counter = false } = config;
  return {
    layers,
    t0,
    power: POWERS[how_scale],
    scaled: scale_lr,
    baseLr: lr ?? RELEASED.lr,
    epochs,
    iterationsPerEpoch: iterations / epochs,
    lengthPerEpoch: length ?? RELEASED.length,
    counts: family !== "vgg" || fix_counter,
  };
}

/** The optimiser that a fixture was computed with, its weight decay, and its rate where nothing is scheduled. */
export function optimiserOf({ opt = "sgd", lr = RELEASED.lr, wd = RELEASED.wd }: FixtureConfig): {
  optimiser: OptimizerConfig;
  weightDecay: number;
  lr: number;
} {
  const optimiser: OptimizerConfig = opt === "adamw"
    ? { kind: "adamw", betas: [0.9, 0.999], eps: 1e-8 }
    : { kind: "sgd", momentum: 0.9, nesterov: true };
  return { optimiser, weightDecay: wd, lr };
}
