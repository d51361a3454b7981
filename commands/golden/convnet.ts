import { Arena } from "../../core/engine/arena.ts";
import { CompiledEngine } from "../../core/engine/compiled.ts";
import { EagerEngine } from "../../core/engine/eager.ts";
import type { Engine } from "../../core/engine/engine.ts";
import { UserError } from "../../core/errors.ts";
import { allTensors } from "../../core/models/convnet/convNet.ts";
import { type ChosenConvNet, convNetOf } from "../../core/models/convnet/mod.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { largestError } from "./check.ts";

/** What a fixture says of its network, and of its training where that is not the default. */
export type Facts = Record<string, unknown> & { family: string; classes: number };

/** Side of all fixtures' images. */
export const SIDE = 32;

export const floats = (file: SafetensorsFile, key: string) => getTensor(file, key, Float32Array).data;
export const doubles = (file: SafetensorsFile, key: string) => getTensor(file, key, Float64Array).data;
export const ints = (file: SafetensorsFile, key: string) => getTensor(file, key, Int32Array);
export const bytes = (file: SafetensorsFile, key: string) => getTensor(file, key, Uint8Array).data;

/**
 * A value of the metadata that is JSON.
 *
 * @throws {UserError} when it is not there, or no JSON
 */
export function fact<T>({ metadata, name }: SafetensorsFile, key: string): T {
  try {
    return JSON.parse(metadata[key]) as T;
  } catch {
    throw new UserError(`Cannot check ${name}: ${key} ${metadata[key] ?? "nothing"} in its metadata, want JSON`);
  }
}

/** The network that a fixture's facts describe. */
export function netOf({ family, classes, ...facts }: Facts): ChosenConvNet {
  const common = { name: family, imageSize: SIDE, numClasses: classes };
  const { depth, widen, growth, bottleneck = true, layers, head, block, blocks, widths, stem, base_width } = facts;
  switch (family) {
    case "wrn":
      return convNetOf({ ...common, depth, widen });
    case "densenet":
      return convNetOf({ ...common, depth, growth, bottleneck });
    case "vgg":
      return convNetOf({ ...common, features: layers, head });
    case "resnet": {
      const optional = {
        ...(stem !== undefined && { stem }),
        ...(base_width !== undefined && { baseWidth: base_width }),
      };
      return convNetOf({ ...common, block, blocks, widths, ...optional });
    }
    default:
      return convNetOf(common);
  }
}

/** An arena with a network's tensors as the fixture has them under a prefix. */
export function loaded(file: SafetensorsFile, { net, config }: ChosenConvNet, prefix: string): Arena {
  const tensors = allTensors(net, config), arena = new Arena(tensors);
  for (const { name } of tensors) arena.view(name).set(floats(file, `${prefix}/${name}`));
  return arena;
}

/** The engines that are compared with a fixture. */
export async function engines(): Promise<Engine[]> {
  return [new CompiledEngine(1), await EagerEngine.create("cpu")];
}

/** One-hot rows, [B, C]. */
export function oneHot(labels: ArrayLike<number>, numClasses: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * numClasses);
  for (let i = 0; i < labels.length; i++) rows[i * numClasses + labels[i]] = 1;
  return rows;
}

/** Largest |a - b| over the largest |b|. */
export function relative(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i]));
  return largestError(actual, expected) / largest;
}

/** The largest of several errors with what it is of; NaN is larger than any. */
export function worst(errors: readonly (readonly [error: number, name: string])[]): readonly [number, string] {
  return errors.reduce((a, b) => b[0] > a[0] || Number.isNaN(b[0]) ? b : a, [0, "nothing"]);
}
