import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";

/** Mean and deviation of CIFAR-100's pixels by colour, as the released code has them. */
const MEAN = [0.50707519, 0.48654887, 0.44091785], DEVIATION = [0.26733428, 0.25643846, 0.27615049];
/** Black pixels around an image before it is cropped. */
const PADDING = 4;

/** Where an image is cut out of its padded self, and whether it is mirrored. */
interface Cut {
  y: number;
  x: number;
  flip: boolean;
}

const UNCHANGED: Cut = { y: PADDING, x: PADDING, flip: false };

/** Images of bytes, [count, 3, side, side]. */
interface Pool {
  bytes: Uint8Array;
  side: number;
}

function poolOf(file: SafetensorsFile, key: string): Pool {
  const { data, shape } = getTensor(file, key, Uint8Array);
  return { bytes: data, side: shape[2] };
}

/** One image cut, mirrored and normalised in single precision, [3, side, side]. */
function cutOut({ bytes, side }: Pool, image: number, { y, x, flip }: Cut): Float32Array {
  const f = Math.fround, result = new Float32Array(3 * side * side);
  for (let i = 0; i < result.length; i++) {
    const channel = Math.floor(i / (side * side)), row = Math.floor(i / side) % side, column = i % side;
    const fromY = row + y - PADDING, fromX = (flip ? side - 1 - column : column) + x - PADDING;
    const inside = fromY >= 0 && fromY < side && fromX >= 0 && fromX < side;
    const byte = inside ? bytes[((image * 3 + channel) * side + fromY) * side + fromX] : 0;
    result[i] = f(f(f(byte / 255) - f(MEAN[channel])) / f(DEVIATION[channel]));
  }
  return result;
}

function joined(parts: Float32Array[]): Float32Array {
  const all = new Float32Array(parts.length * parts[0].length);
  parts.forEach((part, i) => all.set(part, i * part.length));
  return all;
}

/** A batch of a run. */
export interface Batch {
  images: Float32Array;
  labels: number[];
}

/** The batch of an iteration: `batch_idx`, `crop_y`, `crop_x`, `flip`; -1 stands behind the last image of a short one. */
export function batchOf(file: SafetensorsFile, iteration: number): Batch {
  const row = (key: string) => {
    const { data, shape: [, width] } = getTensor(file, key, Int32Array);
    return data.subarray(iteration * width, (iteration + 1) * width);
  };
  const indices = [...row("batch_idx")].filter((index) => index >= 0), pool = poolOf(file, "pool_u8");
  const y = row("crop_y"),
    x = row("crop_x"),
    flip = row("flip"),
    labels = getTensor(file, "pool_labels", Int32Array).data;
  return {
    images: joined(indices.map((image, i) => cutOut(pool, image, { y: y[i], x: x[i], flip: flip[i] === 1 }))),
    labels: indices.map((image) => labels[image]),
  };
}

/** Images without augmentation. */
export function wholeImages(file: SafetensorsFile, key: string, from: number, to: number): Float32Array {
  const pool = poolOf(file, key);
  return joined(Array.from({ length: to - from }, (_, i) => cutOut(pool, from + i, UNCHANGED)));
}
