import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { padCrop } from "../../datasets/transforms/padCrop.ts";
import { bytes as bytesOf, ints, SIDE } from "./convnet.ts";

/** Mean and deviation of CIFAR-100's channels as FreezeOut has them, on all fixtures' images. */
export const MEAN = [0.50707519, 0.48654887, 0.44091785], STD = [0.26733428, 0.25643846, 0.27615049];

/** Images of a fixture's pool, normalised, with their classes. */
export interface Images {
  images: Float32Array<ArrayBuffer>;
  labels: number[];
}

/** Pixels [3, 32, 32] to numbers with the fixtures' mean and deviation. */
function normalised(pixels: Uint8Array, images: Float32Array, at: number): void {
  const plane = SIDE * SIDE;
  for (let i = 0; i < 3 * plane; i++) {
    const channel = Math.floor(i / plane);
    images[at + i] = (pixels[i] / 255 - MEAN[channel]) / STD[channel];
  }
}

/** Images of a pool as they are. */
export function whole(file: SafetensorsFile, pool: string, from: number, to: number): Images {
  const bytes = 3 * SIDE * SIDE, pixels = bytesOf(file, `${pool}_u8`);
  const images = new Float32Array((to - from) * bytes);
  for (let i = from; i < to; i++) normalised(pixels.subarray(i * bytes, (i + 1) * bytes), images, (i - from) * bytes);
  return { images, labels: [...ints(file, `${pool}_labels`).data.slice(from, to)] };
}

/** The images of an iteration, with 4 black pixels around, cropped and flipped. */
export function cropped(file: SafetensorsFile, iteration: number, count: number): Images {
  const bytes = 3 * SIDE * SIDE,
    pixels = bytesOf(file, "pool_u8"),
    classes = ints(file, "pool_labels").data;
  const { data: chosen, shape: [, width] } = ints(file, "batch_idx");
  const [y, x, flip] = ["crop_y", "crop_x", "flip"].map((key) => ints(file, key).data);
  const images = new Float32Array(count * bytes), labels: number[] = [];
  for (let b = 0; b < count; b++) {
    const at = iteration * width + b, image = chosen[at];
    const planes = padCrop(pixels.subarray(image * bytes, (image + 1) * bytes), SIDE, {
      padding: 4,
      top: y[at],
      left: x[at],
      flip: flip[at] === 1,
    });
    normalised(planes, images, b * bytes);
    labels.push(classes[image]);
  }
  return { images, labels };
}
