import { getTensor } from "../../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../../core/safetensors/tensor.ts";
import { toPlanar } from "../../../datasets/transforms/normalize.ts";
import { type PadCrop, padCrop } from "../../../datasets/transforms/padCrop.ts";

/** Mean and deviation of CIFAR-100's pixels by colour, as the released code has them. */
const MEAN = [0.50707519, 0.48654887, 0.44091785], DEVIATION = [0.26733428, 0.25643846, 0.27615049];
/** Black pixels around an image before it is cropped. */
const PADDING = 4;
const UNCHANGED: PadCrop = { padding: PADDING, top: PADDING, left: PADDING, flip: false };

/** Images cut, mirrored and normalised, [wanted, 3, side, side]. */
function images(file: SafetensorsFile, key: string, wanted: { image: number; cut: PadCrop }[]): Float32Array {
  const { data, shape: [, , side] } = getTensor(file, key, Uint8Array), plane = side * side;
  const batch = new Float32Array(wanted.length * 3 * plane);
  wanted.forEach(({ image, cut }, i) => {
    const planes = data.subarray(image * 3 * plane, (image + 1) * 3 * plane);
    const pixels = planes.map((_, at) => planes[at % 3 * plane + Math.floor(at / 3)]); // [side, side, 3]
    toPlanar(padCrop(pixels, side, cut), batch, i * 3 * plane, MEAN, DEVIATION);
  });
  return batch;
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
  const indices = [...row("batch_idx")].filter((index) => index >= 0), [top, left] = [row("crop_y"), row("crop_x")];
  const flip = row("flip"), labels = getTensor(file, "pool_labels", Int32Array).data;
  const wanted = indices.map((image, i) => {
    return { image, cut: { padding: PADDING, top: top[i], left: left[i], flip: flip[i] === 1 } };
  });
  return { images: images(file, "pool_u8", wanted), labels: indices.map((image) => labels[image]) };
}

/** Images without augmentation. */
export function wholeImages(file: SafetensorsFile, key: string, from: number, to: number): Float32Array {
  return images(file, key, Array.from({ length: to - from }, (_, i) => ({ image: from + i, cut: UNCHANGED })));
}
