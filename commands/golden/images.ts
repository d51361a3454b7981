import { UserError } from "../../core/errors.ts";
import { getTensor } from "../../core/safetensors/get.ts";
import type { SafetensorsFile } from "../../core/safetensors/tensor.ts";

/** The images of a fixture, [count, channels, height, width]. */
export interface Images<T> {
  count: number;
  channels: number;
  height: number;
  width: number;
  data: T;
}

/**
 * Reads tensor `x` of a fixture.
 *
 * @param type the array its elements come in
 * @throws {UserError} when it is missing, of another type or not four-dimensional
 */
export function readImages<T extends Float32Array | Uint8Array>(
  file: SafetensorsFile,
  type: abstract new (...args: never[]) => T,
): Images<T> {
  const { shape, data } = getTensor(file, "x", type);
  if (shape.length !== 4) {
    throw new UserError(`Cannot check ${file.name}: tensor 'x' has shape [${shape.join(", ")}], want [N, C, H, W]`);
  }
  const [count, channels, height, width] = shape;
  return { count, channels, height, width, data };
}

/** One channel of one image, [height * width]. */
export function plane({ channels, height, width, data }: Images<Float32Array>, image: number, channel: number) {
  const start = (image * channels + channel) * height * width;
  return data.subarray(start, start + height * width);
}
