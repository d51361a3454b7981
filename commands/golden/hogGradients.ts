import { UserError } from "../../core/errors.ts";
import { sobel } from "../../core/hog/sobel.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";
import { largestError, type Quantity, quantity } from "./check.ts";
import { type Images, plane } from "./images.ts";

/**
 * Checks the raw gradients `gxy_ch<c>` [N, 2, H, W] or angles `phase_ch<c>` [N, H, W] of one channel.
 *
 * An angle means nothing where the gradient is rounding, so its error is taken times the magnitude, modulo a full turn.
 */
export function checkGradients(
  file: SafetensorsFile,
  images: Images<Float32Array>,
  key: string,
  vectors: boolean,
  channel: number,
): Quantity {
  const { count, height, width } = images, size = height * width, { data } = getTensor(file, key, Float32Array);
  const wanted = count * size * (vectors ? 2 : 1);
  if (data.length !== wanted || channel >= images.channels) {
    throw new UserError(`Cannot check ${file.name}: tensor '${key}' has ${data.length} values, want ${wanted}`);
  }
  let error = 0;
  for (let image = 0; image < count; image++) {
    const { gx, gy } = sobel(plane(images, image, channel), height, width);
    if (vectors) {
      const start = image * 2 * size;
      error = Math.max(error, largestError(gx, data.subarray(start, start + size)));
      error = Math.max(error, largestError(gy, data.subarray(start + size, start + 2 * size)));
    } else error = Math.max(error, phaseError(gx, gy, data.subarray(image * size, (image + 1) * size)));
  }
  // Nine float32 terms of at most 2 |x| each, summed in another order; an angle times its magnitude adds pi to that.
  const peak = images.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return quantity(vectors ? key : `${key} error x magnitude`, error, 2 ** -20 * 8 * peak);
}

function phaseError(gx: Float32Array, gy: Float32Array, phase: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < phase.length; i++) {
    const turns = (Math.atan2(gx[i], gy[i]) - phase[i]) / (2 * Math.PI);
    largest = Math.max(largest, Math.abs(turns - Math.round(turns)) * 2 * Math.PI * Math.hypot(gx[i], gy[i]));
  }
  return largest;
}
